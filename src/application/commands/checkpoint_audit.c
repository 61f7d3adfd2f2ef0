#include "application/commands.h"

#include "application/store_audit.h"
#include "application/transaction.h"
#include "base/log.h"

struct sealing {
    struct audit_range      range;
    struct audit_checkpoint checkpoint;
    bool                    inserted;
};

static struct audit_checkpoint make_checkpoint(const struct ctx *ctx, const struct audit_range *range,
                                               struct digest *leaves, int64_t count)
{
    struct audit_checkpoint next = {
        .number = range->before.number + 1,
        .from_xid = range->before.to_xid,
        .to_xid = range->to_xid,
        .row_count = count,
        .root = audit_checkpoint_root(leaves, count),
        .prev = range->before.hash,
        .made_at_ms = ctx->now_ms,
    };

    next.hash = audit_checkpoint_hash(&next);
    next.signature = audit_key_sign(ctx->settings->audit_key, next.hash);
    return next;
}

/* Transaction ids only go back when a dump was restored into another server. */
static const struct problem *refuse_restored(struct ctx *ctx)
{
    return problem_because(ctx->arena,
                           problem_new(ctx->arena, PROBLEM_INTERNAL,
                                       "Something is wrong on our side."),
                           "transaction ids are below the last checkpoint's: was a dump restored?");
}

static const struct problem *seal(struct ctx *ctx, void *argument)
{
    struct sealing *work = argument;
    struct digest *leaves;
    int64_t count;

    work->inserted = false;
    TRY(store_audit_range(ctx, &work->range));
    if (work->range.ran_back)
        return refuse_restored(ctx);
    if (!work->range.found)
        return OK;
    TRY(store_audit_leaves(ctx, work->range.before.to_xid, work->range.to_xid, &leaves, &count));
    if (count == 0)             /* counted and gone since: somebody deletes them */
        return OK;
    work->checkpoint = make_checkpoint(ctx, &work->range, leaves, count);
    return store_checkpoint_insert(ctx, &work->checkpoint, &work->inserted);
}

/* The copy that leaves the host with the log: a database that lost it can be told. */
static void log_checkpoint(struct ctx *ctx, const struct audit_checkpoint *checkpoint)
{
    log_event(LOG_LEVEL_INFO, "audit_checkpoint",
              LOG_NUMBER("checkpoint", checkpoint->number),
              LOG_TEXT("hash", hex_text(ctx->arena, checkpoint->hash.bytes, DIGEST_BYTES)),
              LOG_TEXT("signature", hex_text(ctx->arena, checkpoint->signature.bytes,
                                             SIGNATURE_BYTES)),
              LOG_TEXT("root", hex_text(ctx->arena, checkpoint->root.bytes, DIGEST_BYTES)),
              LOG_NUMBER("rows", checkpoint->row_count),
              LOG_NUMBER("from_xid", checkpoint->from_xid),
              LOG_NUMBER("to_xid", checkpoint->to_xid));
}

const struct problem *checkpoint_audit(struct ctx *ctx, int *made_out)
{
    struct sealing work;

    *made_out = 0;
    if (ctx->settings->audit_key == NULL || !audit_key_can_sign(ctx->settings->audit_key))
        return problem_because(ctx->arena,
                               problem_new(ctx->arena, PROBLEM_INTERNAL,
                                           "Something is wrong on our side."),
                               "AUDIT_SIGNING_KEY_FILE is not set: no checkpoint can be signed");
    do {
        TRY(in_transaction(ctx, seal, &work));
        if (work.inserted) {
            log_checkpoint(ctx, &work.checkpoint);
            ++*made_out;
        }
    } while (work.inserted && *made_out < CHECKPOINTS_AT_ONCE);
    return OK;
}
