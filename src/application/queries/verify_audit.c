/* Verifies the audit log: histories, checkpoints, seals, and rows that nothing covers. */
#include "application/queries.h"

#include "application/audit/audit_record.h"
#include "application/store/store_checkpoints.h"

struct verification {
    struct ctx                  *ctx;
    struct arena                *scratch;       /* of one batch: a long log needs no more memory */
    struct ctx                   batch;         /* ctx with the scratch arena */
    const struct audit_question *question;
    struct audit_walk           *walk;
    struct audit_checkpoint      before;        /* the last good one; number 0: none yet */
    int64_t                      until_id;      /* the end of before's epoch */
    struct audit_report         *report;
};

#define VERIFY_BUSY_RETRY_S 2

static const struct audit_checkpoint nothing = { .form = 1, .epoch = 1 };

void audit_report_add(struct ctx *ctx, struct audit_report *report, const char *kind,
                      const char *payment_id, int64_t number)
{
    if (report->finding_count == AUDIT_FINDINGS_MAX) {
        report->more_findings = true;
        return;
    }
    report->findings[report->finding_count++] = (struct audit_finding) {
        arena_strdup(ctx->arena, kind), arena_strdup(ctx->arena, payment_id), number
    };
}

static void blame(struct verification *work, const char *kind, int64_t checkpoint)
{
    audit_report_add(work->ctx, work->report, kind, "", checkpoint);
}

/* Copies a problem out of the batch's arena, which is reset. */
static const struct problem *keep_problem(struct verification *work, const struct problem *problem)
{
    struct problem *kept;

    if (problem == OK)
        return OK;
    kept = problem_new(work->ctx->arena, problem->type, "%s", problem->detail);
    kept->retry_after_s = problem->retry_after_s;
    return problem_because(work->ctx->arena, kept, "%s", problem->cause != NULL ? problem->cause
                                                                                : "");
}

/* --- Histories ------------------------------------------------------------------------------ */

static void take_histories(struct verification *work, const struct history_batch *batch)
{
    work->report->payments += batch->payments;
    work->report->rows += batch->rows;
    for (int i = 0; i < batch->finding_count; i++)
        audit_report_add(work->ctx, work->report, batch->findings[i].kind,
                         batch->findings[i].payment_id, batch->findings[i].seq);
}

/* Checked after each batch, so that every call makes progress. */
static bool must_stop(const struct verification *work)
{
    const struct audit_question *question = work->question;

    return question->time_is_up != NULL && question->time_is_up(question->clock);
}

static const struct problem *verify_histories(struct verification *work)
{
    struct payment_id *last = &work->walk->payment_id;
    struct history_batch batch;

    do {
        TRY(keep_problem(work, store_histories_judge(&work->batch, last->text, &batch)));
        take_histories(work, &batch);
        if (batch.last_payment_id != NULL)
            strncpy(last->text, batch.last_payment_id, sizeof(last->text) - 1);
        arena_reset(work->scratch);
        work->walk->histories_done = batch.payments < HISTORY_BATCH;
    } while (!work->walk->histories_done && !must_stop(work));
    return OK;
}

/* --- Checkpoints ----------------------------------------------------------------------------- */

/* Checks that the rows it covered still exist, in number and in content. */
static const struct problem *verify_rows(struct verification *work,
                                         const struct audit_checkpoint *checkpoint)
{
    struct digest *leaves;
    int64_t count;
    bool same;

    TRY(keep_problem(work, store_audit_leaves(&work->batch, checkpoint, work->until_id, &leaves,
                                              &count)));
    same = count == checkpoint->row_count && count > 0
        && digest_equal(audit_checkpoint_root(leaves, count), checkpoint->root);
    if (!same)
        blame(work, "covered_rows_changed", checkpoint->number);
    return OK;
}

/* True when the checkpoint's range and place in the chain can be believed. */
static bool verify_seal(struct verification *work, const struct audit_checkpoint *checkpoint)
{
    const struct audit_key *key = work->ctx->settings->audit_key;
    bool whole = digest_equal(audit_checkpoint_hash(checkpoint), checkpoint->hash);
    bool proved = key == NULL || audit_key_verifies(key, checkpoint->number, checkpoint->hash,
                                                    &checkpoint->signature);

    if (!whole)
        blame(work, "checkpoint_altered", checkpoint->number);
    if (!proved)
        blame(work, "checkpoint_unsigned", checkpoint->number);
    return whole && proved;
}

static void compare_kept(struct verification *work, const struct audit_checkpoint *checkpoint)
{
    const struct audit_question *question = work->question;

    for (int i = 0; i < question->kept_count; i++)
        if (question->kept[i].number == checkpoint->number
            && !digest_equal(question->kept[i].hash, checkpoint->hash))
            blame(work, "checkpoint_differs", checkpoint->number);
}

static const struct problem *find_until(struct verification *work,
                                        const struct audit_checkpoint *checkpoint)
{
    if (work->until_id != 0 && checkpoint->epoch == work->before.epoch)
        return OK;
    return keep_problem(work, store_epoch_until(&work->batch, checkpoint->epoch, &work->until_id));
}

/* True when somebody with the key accepted the loss and said why. */
static const struct problem *is_accepted(struct verification *work,
                                         const struct audit_checkpoint *checkpoint,
                                         bool *accepted_out)
{
    struct audit_checkpoint batch[CHECKPOINT_BATCH];
    int count;

    TRY(keep_problem(work, store_checkpoints_with_note(&work->batch, checkpoint->number - 1, batch,
                                                       &count)));
    *accepted_out = false;
    for (int i = 0; i < count; i++)
        *accepted_out |= audit_checkpoint_accepts_loss(&batch[i])
            && audit_checkpoint_is_signed(&batch[i], work->ctx->settings->audit_key);
    return OK;
}

static const struct problem *verify_order(struct verification *work,
                                          const struct audit_checkpoint *checkpoint)
{
    bool accepted;

    if (audit_checkpoint_follows(checkpoint, work->before.number > 0 ? &work->before : NULL))
        return OK;
    TRY(is_accepted(work, checkpoint, &accepted));
    if (accepted)
        work->report->accepted_losses++;
    else
        blame(work, "checkpoint_out_of_order", checkpoint->number);
    return OK;
}

/* An unsigned checkpoint proves nothing: it is a finding, and the chain continues without it. */
static const struct problem *verify_one(struct verification *work,
                                        const struct audit_checkpoint *checkpoint)
{
    compare_kept(work, checkpoint);
    if (verify_seal(work, checkpoint)) {
        TRY(verify_order(work, checkpoint));
        TRY(find_until(work, checkpoint));
        TRY(verify_rows(work, checkpoint));
        work->before = *checkpoint;
        work->report->epoch = checkpoint->epoch;
    }
    work->walk->checkpoint = checkpoint->number;
    work->report->checkpoints++;
    arena_reset(work->scratch);
    return OK;
}

static bool is_good(const struct verification *work, const struct audit_checkpoint *checkpoint)
{
    const struct audit_key *key = work->ctx->settings->audit_key;

    return key != NULL ? audit_checkpoint_is_signed(checkpoint, key)
                       : digest_equal(audit_checkpoint_hash(checkpoint), checkpoint->hash);
}

/* Finds the last good checkpoint of those that an earlier call verified. */
static const struct problem *resume(struct verification *work)
{
    struct audit_checkpoint batch[CHECKPOINT_BATCH];
    int count;

    work->before = nothing;
    if (work->walk->checkpoint == 0)
        return OK;
    TRY(store_checkpoints_down_from(work->ctx, work->walk->checkpoint, batch, &count));
    for (int i = 0; i < count && work->before.number == 0; i++)
        if (is_good(work, &batch[i]))
            work->before = batch[i];
    return OK;
}

static const struct problem *verify_checkpoints(struct verification *work)
{
    struct audit_checkpoint batch[CHECKPOINT_BATCH];
    int count;

    TRY(resume(work));
    do {
        TRY(keep_problem(work, store_checkpoints_after(&work->batch, work->walk->checkpoint, batch,
                                                       &count)));
        for (int i = 0; i < count; i++) {
            TRY(verify_one(work, &batch[i]));
            if (must_stop(work))
                return OK;
        }
    } while (count == CHECKPOINT_BATCH);
    work->walk->done = true;
    return OK;
}

/* --- What is missing ------------------------------------------------------------------------- */

/*
 * A kept number beyond the last one means that the table was truncated; gaps below it break the
 * order of the chain.
 */
static void look_for_lost(struct verification *work)
{
    const struct audit_question *question = work->question;

    for (int i = 0; i < question->kept_count; i++)
        if (question->kept[i].number > work->walk->checkpoint)
            blame(work, "checkpoint_lost", question->kept[i].number);
    if (work->walk->checkpoint > 0 && work->ctx->settings->audit_key == NULL)
        blame(work, "no_public_key", 0);
}

/* Checks that the table has the same checkpoint. */
static const struct problem *compare_record(struct verification *work,
                                            const struct audit_checkpoint *kept)
{
    struct audit_checkpoint batch[CHECKPOINT_BATCH];
    int count;

    if (!is_good(work, kept)) {
        blame(work, "record_damaged", kept->number);
        return OK;
    }
    TRY(store_checkpoints_down_from(work->ctx, kept->number, batch, &count));
    if (count == 0 || batch[0].number != kept->number)
        blame(work, "checkpoint_lost", kept->number);
    else if (!digest_equal(batch[0].hash, kept->hash))
        blame(work, "checkpoint_differs", kept->number);
    return OK;
}

static const struct problem *look_at_record(struct verification *work)
{
    struct audit_checkpoint kept;

    switch (audit_record_read(work->ctx->settings->audit_record, &kept)) {
    case AUDIT_RECORD_OFF:
        break;
    case AUDIT_RECORD_MISSING:
        if (work->walk->checkpoint > 0)
            blame(work, "record_missing", 0);
        break;
    case AUDIT_RECORD_DAMAGED:
        blame(work, "record_damaged", 0);
        break;
    case AUDIT_RECORD_READ:
        return compare_record(work, &kept);
    }
    return OK;
}

/* Finds out whether sealing stopped, or never began, without anybody noticing. */
static const struct problem *look_for_unsealed(struct verification *work)
{
    int64_t age_us;

    TRY(store_audit_unsealed(work->ctx, &work->before, &work->report->unsealed_rows, &age_us));
    if (work->ctx->settings->audit_key != NULL && age_us > SEAL_LATE_S * INT64_C(1000000))
        blame(work, work->before.number == 0 ? "no_checkpoint" : "not_sealed", work->before.number);
    return OK;
}

/*
 * Finds rows that somebody gave a transaction id from before the epoch, so that they are never
 * sealed.
 */
static const struct problem *look_for_strays(struct verification *work)
{
    bool found;

    if (work->before.epoch == 1)
        return OK;
    TRY(store_audit_strays(work->ctx, &work->before, &found));
    if (found)
        blame(work, "row_out_of_epoch", work->before.number);
    return OK;
}

static const struct problem *look_for_missing(struct verification *work)
{
    look_for_lost(work);
    TRY(look_at_record(work));
    TRY(look_for_strays(work));
    return look_for_unsealed(work);
}

/* --- All together ---------------------------------------------------------------------------- */

static void release_arena(void *arena)
{
    arena_free(arena);
}

static const struct problem *walk_on(struct verification *work)
{
    if (!work->walk->histories_done) {
        TRY(verify_histories(work));
        if (!work->walk->histories_done || must_stop(work))
            return OK;
    }
    TRY(verify_checkpoints(work));
    return work->walk->done ? look_for_missing(work) : OK;
}

const struct problem *verify_audit(struct ctx *ctx, const struct audit_question *question,
                                   struct audit_walk *walk, struct audit_report *report_out)
{
    struct verification work = { .ctx = ctx, .scratch = arena_new(), .batch = *ctx,
                                 .question = question, .walk = walk, .report = report_out };

    arena_adopt(ctx->arena, work.scratch, release_arena);
    work.batch.arena = work.scratch;
    *report_out = (struct audit_report) { 0 };
    return walk_on(&work);
}

/* --- One at a time --------------------------------------------------------------------------- */

static const struct problem *busy(struct ctx *ctx)
{
    struct problem *problem = problem_new(ctx->arena, PROBLEM_OVERLOADED,
                                          "The audit log is being verified for somebody else.");

    problem->retry_after_s = VERIFY_BUSY_RETRY_S;
    return problem;
}

static const struct problem *verify_claimed(struct ctx *ctx, const struct audit_question *question,
                                            struct audit_walk *walk,
                                            struct audit_report *report_out)
{
    bool claimed;

    store_begin(ctx);
    TRY(store_audit_claim(ctx, &claimed));
    return claimed ? verify_audit(ctx, question, walk, report_out) : busy(ctx);
}

/* The claim ends with the transaction, which writes nothing. */
const struct problem *verify_audit_alone(struct ctx *ctx, const struct audit_question *question,
                                         struct audit_walk *walk, struct audit_report *report_out)
{
    const struct problem *problem = verify_claimed(ctx, question, walk, report_out);

    store_rollback_if_open(ctx);
    return problem;
}
