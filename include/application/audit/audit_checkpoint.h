/*
 * audit_checkpoint.h - a signed statement about a range of the audit log.
 *
 * Rows have places: transaction id, then audit_id. A checkpoint covers the rows behind place from
 * up to place to, when all of their transactions have ended, at most CHECKPOINT_ROWS_MAX of them.
 * Ranges join without gaps, and each checkpoint's hash holds the one before: none can be taken out
 * or changed without the key.
 *
 * Transaction ids mean something within one cluster only. After a restore, and when checkpoints
 * that were made are gone, an epoch begins. What is there by then, audit_id <= floor_id, is sealed
 * anew in the order of audit_id (from.xid = to.xid); what comes later has audit_id > floor_id, and
 * is sealed by place.
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
    struct audit_place from;            /* without this place */
    struct audit_place to;              /* with it */
    int64_t            last_id;         /* greatest audit_id that the epoch covers so far */
    int64_t            row_count;
    struct digest      root;            /* merkle.h */
    struct digest      prev;            /* hash of the one before; zero for the first */
    struct digest      hash;            /* audit_checkpoint_hash of all but signature */
    struct signature   signature;       /* over hash */
    int64_t            made_at_ms;
    /* why somebody accepts that earlier ones are lost; "" */
    char               note[CHECKPOINT_NOTE_MAX + 1];
};

#define CHECKPOINT_FORM 2               /* what is made now */

/* SHA-256 over what form says, one member per line. */
struct digest audit_checkpoint_hash(const struct audit_checkpoint *checkpoint);
/* The Merkle root over what stands for the rows; makes leaves of them in place. count >= 1 */
struct digest audit_checkpoint_root(struct digest *rows, int64_t count);
/* It follows the one before (NULL: it is the first): number, range, epoch and prev. */
MUST_CHECK bool audit_checkpoint_follows(const struct audit_checkpoint *checkpoint,
                                         const struct audit_checkpoint *before);
/* It opens an epoch, and its maker accepts that checkpoints before it are lost. */
MUST_CHECK bool audit_checkpoint_accepts_loss(const struct audit_checkpoint *checkpoint);
/* Its rows stand in the order of audit_id: they were there when its epoch began. */
MUST_CHECK static inline bool
audit_checkpoint_is_of_floor(const struct audit_checkpoint *checkpoint)
{
    return checkpoint->from.xid == checkpoint->to.xid && checkpoint->to.id <= checkpoint->floor_id;
}
/* Its hash is that of its members and the key signed it. Key NULL: nobody can tell, so false. */
MUST_CHECK bool audit_checkpoint_is_signed(const struct audit_checkpoint *checkpoint,
                                           const struct audit_key *key);

#endif
