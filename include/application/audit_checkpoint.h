/*
 * audit_checkpoint.h - a signed statement about a range of the audit log.
 *
 * A checkpoint covers the audit rows of the transactions from_xid <= xid < to_xid, when all of them
 * have ended, at most CHECKPOINT_ROWS_MAX of them unless a single transaction wrote more. Ranges join
 * without gaps, and each checkpoint's hash holds the one before: none can be taken out or changed
 * without the key.
 */
#ifndef PAYAPI_APPLICATION_AUDIT_CHECKPOINT_H
#define PAYAPI_APPLICATION_AUDIT_CHECKPOINT_H

#include <stdint.h>

#include "application/audit_key.h"

#define CHECKPOINT_ROWS_MAX 10000

struct audit_checkpoint {
    int64_t          number;            /* 1, 2, 3 ... */
    int64_t          from_xid;
    int64_t          to_xid;
    int64_t          row_count;
    struct digest    root;              /* merkle.h */
    struct digest    prev;              /* hash of the one before; zero for the first */
    struct digest    hash;              /* audit_checkpoint_hash of all above and made_at_ms */
    struct signature signature;         /* over hash */
    int64_t          made_at_ms;
};

/* SHA-256 over the members above hash, and made_at_ms, one per line. */
struct digest audit_checkpoint_hash(const struct audit_checkpoint *checkpoint);
/* The Merkle root over what stands for the rows; makes leaves of them in place. count >= 1 */
struct digest audit_checkpoint_root(struct digest *rows, int64_t count);
/* It follows the one before (NULL: it is the first): number, range and prev. */
MUST_CHECK bool audit_checkpoint_follows(const struct audit_checkpoint *checkpoint,
                                         const struct audit_checkpoint *before);

#endif
