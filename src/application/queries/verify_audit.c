#include "application/queries.h"

#include "application/store_audit.h"

struct verification {
    struct ctx                   *ctx;
    struct arena                 *scratch;      /* of one batch: a long log needs no more memory */
    struct ctx                    batch;        /* ctx with the scratch arena */
    const struct kept_checkpoint *kept;
    int                           kept_count;
    struct audit_report          *report;
};

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

/* What a batch leaves behind is forgotten; a problem must outlive it. */
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

/* --- Chains -------------------------------------------------------------------------------- */

static void take_chains(struct verification *work, const struct chain_batch *batch)
{
    work->report->chains += batch->chains;
    work->report->rows += batch->rows;
    for (int i = 0; i < batch->finding_count; i++)
        audit_report_add(work->ctx, work->report, batch->findings[i].kind,
                         batch->findings[i].payment_id, batch->findings[i].seq);
}

static const struct problem *verify_chains(struct verification *work)
{
    struct payment_id last = { "" };
    struct chain_batch batch;

    do {
        TRY(keep_problem(work, store_chains_judge(&work->batch, last.text, &batch)));
        take_chains(work, &batch);
        if (batch.last_payment_id != NULL)
            strncpy(last.text, batch.last_payment_id, sizeof(last.text) - 1);
        arena_reset(work->scratch);
    } while (batch.chains == CHAIN_BATCH);
    return OK;
}

/* --- Checkpoints ----------------------------------------------------------------------------- */

/* The rows it covered are the rows that are there, in number and in content. */
static const struct problem *verify_rows(struct verification *work,
                                         const struct audit_checkpoint *checkpoint)
{
    struct digest *leaves;
    int64_t count;
    bool same;

    TRY(keep_problem(work, store_audit_leaves(&work->batch, checkpoint->from_xid,
                                              checkpoint->to_xid, &leaves, &count)));
    same = count == checkpoint->row_count && count > 0
        && digest_equal(audit_checkpoint_root(leaves, count), checkpoint->root);
    if (!same)
        blame(work, "covered_rows_changed", checkpoint->number);
    return OK;
}

static void verify_seal(struct verification *work, const struct audit_checkpoint *checkpoint,
                        const struct audit_checkpoint *before)
{
    const struct audit_key *key = work->ctx->settings->audit_key;

    if (!audit_checkpoint_follows(checkpoint, before))
        blame(work, "checkpoint_out_of_order", checkpoint->number);
    if (!digest_equal(audit_checkpoint_hash(checkpoint), checkpoint->hash))
        blame(work, "checkpoint_altered", checkpoint->number);
    if (key != NULL && !audit_key_verifies(key, checkpoint->hash, &checkpoint->signature))
        blame(work, "checkpoint_unsigned", checkpoint->number);
}

static void compare_kept(struct verification *work, const struct audit_checkpoint *checkpoint)
{
    for (int i = 0; i < work->kept_count; i++)
        if (work->kept[i].number == checkpoint->number
            && !digest_equal(work->kept[i].hash, checkpoint->hash))
            blame(work, "checkpoint_differs", checkpoint->number);
}

static const struct problem *verify_one(struct verification *work,
                                        const struct audit_checkpoint *checkpoint,
                                        const struct audit_checkpoint *before)
{
    verify_seal(work, checkpoint, before);
    compare_kept(work, checkpoint);
    TRY(verify_rows(work, checkpoint));
    arena_reset(work->scratch);
    return OK;
}

static const struct problem *verify_checkpoints(struct verification *work, int64_t *last_out)
{
    static struct audit_checkpoint batch[CHECKPOINT_BATCH];
    struct audit_checkpoint before = { .number = 0 };
    int count;

    do {
        TRY(keep_problem(work, store_checkpoints_after(&work->batch, before.number, batch,
                                                       &count)));
        for (int i = 0; i < count; i++) {
            TRY(verify_one(work, &batch[i], &before));
            before = batch[i];
            work->report->checkpoints++;
        }
    } while (count == CHECKPOINT_BATCH);
    *last_out = before.number;
    return OK;
}

/* Beyond the last number the table was cut; gaps below it break the order of the chain. */
static void look_for_lost(struct verification *work, int64_t last)
{
    for (int i = 0; i < work->kept_count; i++)
        if (work->kept[i].number > last)
            blame(work, "checkpoint_lost", work->kept[i].number);
    if (work->report->checkpoints > 0 && work->ctx->settings->audit_key == NULL)
        blame(work, "no_public_key", 0);
}

/* --- All together ---------------------------------------------------------------------------- */

static void release_arena(void *arena)
{
    arena_free(arena);
}

const struct problem *verify_audit(struct ctx *ctx, const struct kept_checkpoint *kept,
                                   int kept_count, struct audit_report *report_out)
{
    struct verification work = { .ctx = ctx, .scratch = arena_new(), .batch = *ctx, .kept = kept,
                                 .kept_count = kept_count, .report = report_out };
    int64_t last = 0;

    arena_adopt(ctx->arena, work.scratch, release_arena);
    work.batch.arena = work.scratch;
    *report_out = (struct audit_report) { 0 };
    TRY(verify_chains(&work));
    TRY(verify_checkpoints(&work, &last));
    look_for_lost(&work, last);
    return OK;
}
