/*
 * store_checkpoints.h - checkpoints of the audit log, and the rows that they cover (see store.h for wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_CHECKPOINTS_H
#define PAYAPI_APPLICATION_STORE_STORE_CHECKPOINTS_H

#include "application/audit/audit_checkpoint.h"
#include "store_audit.h"

/* The cluster as it is now. */
struct audit_moment {
    int64_t system_id;                  /* of pg_control */
    int64_t ended_xid;                  /* every transaction below it has ended */
    bool    foreign_rows;               /* above the floor: written by no transaction of this cluster */
};
const struct problem *store_audit_moment(struct ctx *ctx, int64_t floor_id,
                                         struct audit_moment *moment_out);                  /* wait */

/*
 * Where an epoch begins: rows up to *floor_id_out are there for good; later ones have a greater audit_id
 * and a transaction id >= *from_xid_out. Holds up who writes to the audit log until the transaction ends.
 */
const struct problem *store_audit_floor(struct ctx *ctx, int64_t *floor_id_out,
                                        int64_t *from_xid_out);                             /* wait */

/* What the next checkpoint can cover. */
struct audit_piece {
    int64_t            row_count;       /* 0: nothing */
    struct audit_place to;
    int64_t            last_id;         /* greatest audit_id in it */
};
/* Behind that place, by place, transactions that have ended, audit_id > floor_id. */
const struct problem *store_audit_piece(struct ctx *ctx, struct audit_place from, int64_t floor_id,
                                        struct audit_piece *piece_out);                     /* wait */
/* Behind from.id up to floor_id, by audit_id. */
const struct problem *store_audit_floor_piece(struct ctx *ctx, struct audit_place from,
                                              int64_t floor_id, struct audit_piece *piece_out); /* wait */

/* The greatest audit_id that the epoch covers, once there is a later epoch; until then INT64_MAX. */
const struct problem *store_epoch_until(struct ctx *ctx, int64_t epoch, int64_t *until_id_out); /* wait */
/* What stands for the rows in a checkpoint (audit_leaf in SQL): those that it covers, in the order
   payment, seq; in an epoch that is over until_id at most. */
const struct problem *store_audit_leaves(struct ctx *ctx, const struct audit_checkpoint *checkpoint,
                                         int64_t until_id, struct digest **leaves_out,
                                         int64_t *count_out);                               /* wait */
/* The same rows as entries, for the export. */
const struct problem *store_audit_covered(struct ctx *ctx, const struct audit_checkpoint *checkpoint,
                                          int64_t until_id, struct audit_entry **entries_out,
                                          int64_t *count_out);                              /* wait */
/* How old the first row behind the last checkpoint is, in microseconds by the database's clock; 0:
   there is none. Of transactions that have ended. */
const struct problem *store_audit_unsealed(struct ctx *ctx, const struct audit_checkpoint *last,
                                           int64_t *age_us_out);                            /* wait */

/* Whether rows came later than the epoch of that checkpoint, by transactions from before it: no checkpoint
   will ever cover them. */
const struct problem *store_audit_strays(struct ctx *ctx, const struct audit_checkpoint *last,
                                         bool *found_out);                                  /* wait */
/* *inserted_out false: another runner was first. */
const struct problem *store_checkpoint_insert(struct ctx *ctx,
                                              const struct audit_checkpoint *checkpoint,
                                              bool *inserted_out);                          /* wait */
#define CHECKPOINT_BATCH 100
/* Up to CHECKPOINT_BATCH of them behind that number, in order. */
const struct problem *store_checkpoints_after(struct ctx *ctx, int64_t number,
                                              struct audit_checkpoint *checkpoints_out,
                                              int *count_out);                              /* wait */
/* The same of those with a note. */
const struct problem *store_checkpoints_with_note(struct ctx *ctx, int64_t number,
                                                  struct audit_checkpoint *checkpoints_out,
                                                  int *count_out);                          /* wait */
/* Up to CHECKPOINT_BATCH of them with that number or a smaller one, the greatest first. */
const struct problem *store_checkpoints_down_from(struct ctx *ctx, int64_t number,
                                                  struct audit_checkpoint *checkpoints_out,
                                                  int *count_out);                          /* wait */

#endif
