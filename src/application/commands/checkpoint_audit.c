/* Seals the rows that the audit log gained since the last checkpoint. */
#include "application/commands.h"

#include <stdio.h>

#include "application/audit/audit_record.h"
#include "application/store/store_checkpoints.h"
#include "application/transaction.h"
#include "base/hex.h"
#include "base/log.h"

#define FORGED_BATCHES_MAX 100          /* batches of CHECKPOINT_BATCH that are searched */

struct sealing {
    struct audit_checkpoint before;     /* number 0: none yet */
    bool                    lost;       /* the newest ones are gone: before is the record's */
    int64_t                 number;     /* of the next one, chosen while looking for before */
    const char             *note;  /* of the one that opens an epoch; "": none is requested */
    struct audit_checkpoint next;
    bool                    inserted;
};

static const struct audit_checkpoint nothing = { .form = 1, .epoch = 1 };

/* --- The previous checkpoint ----------------------------------------------------------------- */

/* Only a record that our key signed counts. */
static bool read_record(const struct ctx *ctx, struct audit_checkpoint *kept_out)
{
    enum audit_record_state state = audit_record_read(ctx->settings->audit_record, kept_out);
    bool good = state == AUDIT_RECORD_READ
        && audit_checkpoint_is_signed(kept_out, ctx->settings->audit_key);

    if (state == AUDIT_RECORD_DAMAGED || (state == AUDIT_RECORD_READ && !good))
        log_event(LOG_LEVEL_ERROR, "audit_record_damaged", LOG_TEXT("traceId", ctx->trace_id));
    if (!good)
        *kept_out = nothing;
    return good;
}

/*
 * Searches from the greatest number down to the newest checkpoint that our key signed, so that
 * forged checkpoints cannot end the sealing. On the way it notes the lowest free number above the
 * record's.
 */
struct search {
    struct audit_checkpoint found;      /* number 0: none */
    int64_t                 least;      /* the record's number */
    int64_t                 above;      /* the number looked at before; 0: none */
    int64_t                 free;
};

static void pass(struct search *search, int64_t number)
{
    if (number < INT64_MAX && number + 1 != search->above)
        search->free = number + 1;
    search->above = number;
}

static bool is_newest(const struct ctx *ctx, struct search *search,
                      const struct audit_checkpoint *checkpoint)
{
    if (checkpoint->number > search->least)
        pass(search, checkpoint->number);
    if (!audit_checkpoint_is_signed(checkpoint, ctx->settings->audit_key))
        return false;
    search->found = *checkpoint;
    return true;
}

static const struct problem *find_newest(struct ctx *ctx, struct search *search)
{
    struct audit_checkpoint batch[CHECKPOINT_BATCH];
    int64_t number = INT64_MAX;
    int count = CHECKPOINT_BATCH;

    for (int i = 0; i < FORGED_BATCHES_MAX && count == CHECKPOINT_BATCH; i++) {
        TRY(store_checkpoints_down_from(ctx, number, batch, &count));
        for (int at = 0; at < count; at++)
            if (is_newest(ctx, search, &batch[at]))
                return OK;
        number = count > 0 ? batch[count - 1].number - 1 : 0;
    }
    return OK;
}

static bool lost(const struct audit_checkpoint *kept, const struct audit_checkpoint *found)
{
    return kept->number > found->number
        || (kept->number == found->number && !digest_equal(kept->hash, found->hash));
}

/* The database's newest, or the record's, when the database has lost that one. */
static const struct problem *find_before(struct ctx *ctx, struct sealing *work)
{
    struct search search = { .found = nothing };
    struct audit_checkpoint kept;
    bool recorded = read_record(ctx, &kept);

    search.least = kept.number;
    TRY(find_newest(ctx, &search));
    if (search.found.number <= search.least)
        pass(&search, search.least);
    work->lost = recorded && lost(&kept, &search.found);
    work->before = work->lost ? kept : search.found;
    work->number = search.free;
    return OK;
}

/* --- The next checkpoint --------------------------------------------------------------------- */

/*
 * True for another cluster, or this one at an earlier time: transaction ids mean other rows there.
 */
static bool is_restored(const struct audit_checkpoint *before, const struct audit_moment *moment)
{
    return moment->foreign_rows || moment->ended_xid < before->to.xid
        || (before->form != 1 && before->system_id != moment->system_id);
}

static const struct problem *open_epoch(struct ctx *ctx, struct sealing *work,
                                        struct audit_piece *piece_out)
{
    struct audit_checkpoint *next = &work->next;

    next->epoch = work->before.epoch + 1;
    snprintf(next->note, sizeof(next->note), "%s", work->note);
    next->from.id = 0;
    TRY(store_audit_floor(ctx, &next->floor_id, &next->from.xid));
    return store_audit_floor_piece(ctx, next->from, next->floor_id, piece_out);
}

static const struct problem *go_on(struct ctx *ctx, struct sealing *work,
                                   struct audit_piece *piece_out)
{
    const struct audit_checkpoint *before = &work->before;

    piece_out->row_count = 0;
    if (audit_checkpoint_is_of_floor(before) && before->to.id < before->floor_id)
        TRY(store_audit_floor_piece(ctx, before->to, before->floor_id, piece_out));
    if (piece_out->row_count > 0)
        return OK;
    return store_audit_piece(ctx, before->to, before->floor_id, piece_out);
}

static bool must_open(const struct sealing *work, const struct audit_moment *moment)
{
    return work->lost || *work->note != '\0' || is_restored(&work->before, moment);
}

static const struct problem *find_piece(struct ctx *ctx, struct sealing *work,
                                        struct audit_piece *piece_out)
{
    struct audit_moment moment;

    TRY(store_audit_moment(ctx, work->before.floor_id, &moment));
    work->next = (struct audit_checkpoint) {
        .form = CHECKPOINT_FORM,
        .epoch = work->before.epoch,
        .system_id = moment.system_id,
        .floor_id = work->before.floor_id,
        .from = work->before.to,
        .prev = work->before.hash,
        .made_at_ms = ctx->now_ms,
    };
    return must_open(work, &moment) ? open_epoch(ctx, work, piece_out)
                                    : go_on(ctx, work, piece_out);
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void sign(const struct ctx *ctx, struct audit_checkpoint *next, struct digest *leaves)
{
    next->root = audit_checkpoint_root(leaves, next->row_count);
    next->hash = audit_checkpoint_hash(next);
    next->signature = audit_key_sign(ctx->settings->audit_key, next->hash);
}

static const struct problem *seal(struct ctx *ctx, void *argument)
{
    struct sealing *work = argument;
    struct audit_checkpoint *next = &work->next;
    struct audit_piece piece;
    struct digest *leaves;

    *work = (struct sealing) { .note = work->note };
    TRY(find_before(ctx, work));
    TRY(find_piece(ctx, work, &piece));
    if (piece.row_count == 0)
        return OK;
    next->to = piece.to;
    next->last_id = next->epoch == work->before.epoch ? greater(work->before.last_id, piece.last_id)
                                                      : piece.last_id;
    TRY(store_audit_leaves(ctx, next, INT64_MAX, &leaves, &next->row_count));
    if (next->row_count == 0)           /* rows were counted and are gone: somebody deletes them */
        return OK;
    next->number = work->number;        /* taken, if a rival was first */
    sign(ctx, next, leaves);
    return store_checkpoint_insert(ctx, next, &work->inserted);
}

/* --- Logging and recording ------------------------------------------------------------------- */

static void log_lost(const struct ctx *ctx, const struct sealing *work)
{
    if (work->lost)
        log_event(LOG_LEVEL_ERROR, "audit_checkpoints_lost", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_NUMBER("last_kept", work->before.number));
}

static void log_epoch(const struct ctx *ctx, const struct sealing *work)
{
    if (work->next.epoch != work->before.epoch)
        log_event(LOG_LEVEL_WARN, "audit_epoch_opened", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_NUMBER("epoch", work->next.epoch),
                  LOG_NUMBER("checkpoint", work->next.number),
                  LOG_TEXT("cause", work->lost ? "checkpoints are gone" : "a restore"));
}

/* This copy leaves the host with the log, and shows when a database has lost the checkpoint. */
static void log_checkpoint(struct ctx *ctx, const struct audit_checkpoint *checkpoint)
{
    log_event(LOG_LEVEL_INFO, "audit_checkpoint",
              LOG_NUMBER("checkpoint", checkpoint->number),
              LOG_TEXT("hash", hex_text(ctx->arena, checkpoint->hash.bytes, DIGEST_BYTES)),
              LOG_TEXT("signature", hex_text(ctx->arena, checkpoint->signature.bytes,
                                             SIGNATURE_BYTES)),
              LOG_TEXT("root", hex_text(ctx->arena, checkpoint->root.bytes, DIGEST_BYTES)),
              LOG_NUMBER("rows", checkpoint->row_count),
              LOG_NUMBER("epoch", checkpoint->epoch));
}

/* Whoever made the checkpoint: each host keeps its own record up to date. */
static void keep(const struct ctx *ctx, const struct audit_checkpoint *checkpoint)
{
    if (ctx->settings->audit_record != NULL && checkpoint->number > 0
        && !audit_record_keep(ctx->settings->audit_record, checkpoint))
        log_event(LOG_LEVEL_ERROR, "audit_record_not_kept", LOG_TEXT("traceId", ctx->trace_id),
                  LOG_NUMBER("checkpoint", checkpoint->number));
}

static void conclude(struct ctx *ctx, const struct sealing *work, int *made)
{
    log_lost(ctx, work);
    if (work->inserted) {
        log_epoch(ctx, work);
        log_checkpoint(ctx, &work->next);
        ++*made;
    }
    keep(ctx, work->inserted ? &work->next : &work->before);
}

/* --- The command ----------------------------------------------------------------------------- */

const struct problem *checkpoint_audit(struct ctx *ctx, const char *note, int *made_out)
{
    struct sealing work = { .note = note };

    *made_out = 0;
    if (ctx->settings->audit_key == NULL || !audit_key_can_sign(ctx->settings->audit_key))
        return problem_because(ctx->arena,
                               problem_new(ctx->arena, PROBLEM_INTERNAL,
                                           "Something is wrong on our side."),
                               "AUDIT_SIGNING_KEY_FILE is not set: no checkpoint can be signed");
    do {
        TRY(in_transaction(ctx, seal, &work));
        conclude(ctx, &work, made_out);
        work.note = "";
    } while (work.inserted && *made_out < CHECKPOINTS_AT_ONCE);
    return OK;
}
