/* Lists movements of money by page, or exports all of them in batches. */
#include "application/queries.h"

const struct problem *list_transactions(struct ctx *ctx, const struct transaction_query *query,
                                        struct transaction_page *page_out)
{
    return store_movements_list(ctx, query, page_out);
}

/* --- Export -------------------------------------------------------------------------------- */

struct export {
    struct ctx                      batch;      /* the request's, with an arena for one batch */
    struct transaction_query        query;
    const struct transaction_writer *writer;
    char                            last_id[ID_TEXT_MAX];
    bool                            more;
};

static const struct problem *write_batch(struct export *work)
{
    struct transaction_page page;

    TRY(store_movements_list(&work->batch, &work->query, &page));
    for (int i = 0; i < page.count; i++)
        if (!work->writer->write(&work->batch, work->writer, &page.transactions[i]))
            return problem_new(work->batch.arena, PROBLEM_INTERNAL, "The reader is gone.");
    work->more = page.more;
    if (page.count > 0)
        memcpy(work->last_id, page.transactions[page.count - 1].id, sizeof(work->last_id));
    work->query.after_id = work->last_id;
    return OK;
}

/* Copies the problem, because the batch's arena is released before the problem is used. */
static const struct problem *tell(struct ctx *ctx, const struct problem *problem)
{
    struct problem *told;

    if (problem == OK)
        return OK;
    told = problem_new(ctx->arena, problem->type, "%s", problem->detail);
    return problem_because(ctx->arena, told, "%s", problem->cause != NULL ? problem->cause : "");
}

static void release_arena(void *arena)
{
    arena_free(arena);
}

const struct problem *export_transactions(struct ctx *ctx, const struct transaction_filter *filter,
                                          const struct transaction_writer *writer)
{
    struct export work = { .batch = *ctx, .query = { .filter = *filter, .limit = MOVEMENT_BATCH },
                           .writer = writer };

    work.batch.arena = arena_adopt(ctx->arena, arena_new(), release_arena);
    store_begin_snapshot(ctx);          /* all batches see the same moment */
    do {
        TRY(tell(ctx, write_batch(&work)));
        arena_reset(work.batch.arena);
    } while (work.more);
    return store_commit(ctx);
}
