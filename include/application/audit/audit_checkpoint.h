/*
 * audit_checkpoint.h - a signed statement about a range of the audit log.
 *
 * Rows have places: transaction id, then audit_id. A checkpoint covers the rows after place from up
 * to place to, once all of their transactions have ended, at most CHECKPOINT_ROWS_MAX of them.
 * Ranges join without gaps, and each checkpoint's hash includes the previous one: without the key
 * no checkpoint can be removed or changed.
 *
 * Transaction ids mean something within one cluster only. After a restore, and when checkpoints
 * that were made are gone, a new epoch begins. Rows that exist by then, audit_id <= floor_id, are
 * sealed anew in the order of audit_id (from.xid = to.xid); later rows have audit_id > floor_id and
 * are sealed by place.
 */
#ifndef PAYAPI_APPLICATION_AUDIT_AUDIT_CHECKPOINT_H
#define PAYAPI_APPLICATION_AUDIT_AUDIT_CHECKPOINT_H

#include <stdint.h>

#include "audit_key.h"

#define CHECKPOINT_ROWS_MAX 10000
#define CHECKPOINT_NOTE_MAX 200         /* bytes of printable UTF-8 */

struct audit_place {
    int64_t xid;
    int64_t id;                         /* audit_id; 0: before all rows of xid */
};

struct audit_checkpoint {
    int64_t            form;            /* of the text under hash: 1 (from before epochs) or 2 */
    int64_t            number;          /* 1, 2, 3 ... */
    int64_t            epoch;           /* 1, 2 ... */
    int64_t            system_id;       /* of the cluster (pg_control); 0 in form 1 */
    int64_t            floor_id;        /* of the epoch */
    struct audit_place from;            /* exclusive */
    struct audit_place to;              /* inclusive */
    int64_t            last_id;         /* greatest audit_id that the epoch covers so far */
    int64_t            row_count;
    struct digest      root;            /* merkle.h */
    struct digest      prev;            /* hash of the previous one; zero for the first */
    struct digest      hash;            /* audit_checkpoint_hash of all but signature */
    struct signature   signature;       /* over hash */
    int64_t            made_at_ms;
    /* why somebody accepts the loss of earlier ones; "" */
    char               note[CHECKPOINT_NOTE_MAX + 1];
};

#define CHECKPOINT_FORM 2               /* the form of new checkpoints */

/* SHA-256 over the members that form defines, one per line. */
struct digest audit_checkpoint_hash(const struct audit_checkpoint *checkpoint);
/* The Merkle root over the rows' digests; turns them into leaves in place. count >= 1 */
struct digest audit_checkpoint_root(struct digest *rows, int64_t count);
/* True when it follows before (NULL: it is the first) in number, range, epoch and prev. */
MUST_CHECK bool audit_checkpoint_follows(const struct audit_checkpoint *checkpoint,
                                         const struct audit_checkpoint *before);
/* True when it opens an epoch and its maker accepts that checkpoints before it are lost. */
MUST_CHECK bool audit_checkpoint_accepts_loss(const struct audit_checkpoint *checkpoint);
/* True when its rows are in the order of audit_id: they existed when its epoch began. */
MUST_CHECK static inline bool
audit_checkpoint_is_of_floor(const struct audit_checkpoint *checkpoint)
{
    return checkpoint->from.xid == checkpoint->to.xid && checkpoint->to.id <= checkpoint->floor_id;
}
/*
 * True when its hash fits its members and the key signed it. Key NULL: nobody can tell, so false.
 */
MUST_CHECK bool audit_checkpoint_is_signed(const struct audit_checkpoint *checkpoint,
                                           const struct audit_key *key);

#endif
