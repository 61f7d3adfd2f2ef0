/*
 * store_checkpoints.h - checkpoints of the audit log, and the rows that they cover (see store.h for
 * wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_CHECKPOINTS_H
#define PAYAPI_APPLICATION_STORE_STORE_CHECKPOINTS_H

#include "application/audit/audit_checkpoint.h"
#include "store_audit.h"

/* The present state of the cluster. */
struct audit_moment {
    int64_t system_id;                  /* of pg_control */
    int64_t ended_xid;                  /* every transaction below it has ended */
    bool    foreign_rows;               /* above the floor, by no transaction of this cluster */
};
const struct problem *store_audit_moment(struct ctx *ctx, int64_t floor_id,
                                         struct audit_moment *moment_out);      /* wait */

/*
 * Where an epoch begins: rows up to *floor_id_out are committed; later ones have a greater
 * audit_id and a transaction id >= *from_xid_out. Blocks writers of the audit log until the
 * transaction ends.
 */
const struct problem *store_audit_floor(struct ctx *ctx, int64_t *floor_id_out,
                                        int64_t *from_xid_out);                 /* wait */

/* What the next checkpoint can cover. */
struct audit_piece {
    int64_t            row_count;       /* 0: nothing */
    struct audit_place to;
    int64_t            last_id;         /* greatest audit_id in it */
};
/* Rows of ended transactions with audit_id > floor_id after that place, in order of place. */
const struct problem *store_audit_piece(struct ctx *ctx, struct audit_place from, int64_t floor_id,
                                        struct audit_piece *piece_out);         /* wait */
/* Rows after from.id up to floor_id, in order of audit_id. */
const struct problem *store_audit_floor_piece(struct ctx *ctx, struct audit_place from,
                                              int64_t floor_id,
                                              struct audit_piece *piece_out);   /* wait */

/* The greatest audit_id that the epoch covers; INT64_MAX until there is a later epoch. */
const struct problem *store_epoch_until(struct ctx *ctx, int64_t epoch,
                                        int64_t *until_id_out);                 /* wait */
/*
 * The leaves (audit_leaf in SQL) of the rows that the checkpoint covers, in the order payment, seq.
 * An epoch that is over ends at until_id.
 */
const struct problem *store_audit_leaves(struct ctx *ctx, const struct audit_checkpoint *checkpoint,
                                         int64_t until_id, struct digest **leaves_out,
                                         int64_t *count_out);                   /* wait */
/* The same rows as entries, for the export. */
const struct problem *store_audit_covered(struct ctx *ctx,
                                          const struct audit_checkpoint *checkpoint,
                                          int64_t until_id, struct audit_entry **entries_out,
                                          int64_t *count_out);                  /* wait */
/*
 * How many rows no checkpoint covers, at most UNSEALED_MAX, and the age of the first of them, in
 * microseconds by the database's clock; 0: there is none. Only rows of ended transactions count.
 */
const struct problem *store_audit_unsealed(struct ctx *ctx, const struct audit_checkpoint *last,
                                           int64_t *rows_out, int64_t *age_us_out);     /* wait */

/*
 * Whether transactions from before the epoch of that checkpoint added rows after it began: no
 * checkpoint will ever cover those.
 */
const struct problem *store_audit_strays(struct ctx *ctx, const struct audit_checkpoint *last,
                                         bool *found_out);                      /* wait */
/* *inserted_out false: another runner was first. */
const struct problem *store_checkpoint_insert(struct ctx *ctx,
                                              const struct audit_checkpoint *checkpoint,
                                              bool *inserted_out);              /* wait */
#define CHECKPOINT_BATCH 100
/* Up to CHECKPOINT_BATCH of them after that number, in order. */
const struct problem *store_checkpoints_after(struct ctx *ctx, int64_t number,
                                              struct audit_checkpoint *checkpoints_out,
                                              int *count_out);                  /* wait */
/* The same, only those with a note. */
const struct problem *store_checkpoints_with_note(struct ctx *ctx, int64_t number,
                                                  struct audit_checkpoint *checkpoints_out,
                                                  int *count_out);              /* wait */
/* Up to CHECKPOINT_BATCH of them from that number downwards. */
const struct problem *store_checkpoints_down_from(struct ctx *ctx, int64_t number,
                                                  struct audit_checkpoint *checkpoints_out,
                                                  int *count_out);              /* wait */

#endif
