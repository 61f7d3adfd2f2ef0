/* Creates an order; a repeat with the same terms finds it. */
#include "application/commands.h"

#include <stdio.h>
#include <string.h>

#include "application/settling/history.h"
#include "application/store/store.h"
#include "application/transaction.h"

struct creation {
    const struct create_order *command;
    struct order               order;
    int                        runs;  /* of the step: more than one after a repeatable problem */
    const struct problem      *refusal;     /* to be stored as the answer of the key */
    struct answer              answer;
};

static const char *default_owner(const struct ctx *ctx)
{
    return ctx->actor.kind == ACTOR_KEY ? ctx->api_key->name : ctx->actor.id;
}

static struct order order_to_create(struct ctx *ctx, const struct create_order *command)
{
    struct order order = command->order;

    if (order.id.text[0] == '\0')
        ctx_new_id(ctx, "ord", order.id.text);
    if (order.owner_id[0] == '\0')
        snprintf(order.owner_id, sizeof(order.owner_id), "%s", default_owner(ctx));
    order.status = ORDER_OPEN;
    order.created_at_ms = ctx->now_ms;
    order.updated_at_ms = ctx->now_ms;
    return order;
}

/*
 * After a COMMIT without an answer the order may exist already; it is ours if time and amount
 * match.
 */
static const struct problem *find_own_order(struct ctx *ctx, struct creation *work, bool *found_out)
{
    struct order stored;
    bool found;

    TRY(store_order_find(ctx, work->order.id, work->order.owner_id, &stored, &found));
    *found_out = found && stored.created_at_ms == work->order.created_at_ms
        && money_equal(stored.amount, work->order.amount);
    return OK;
}

/* The key, if there is one, is written before the order, as everywhere. */
static void write_key(struct ctx *ctx, const struct creation *work, const struct claim *claim)
{
    const struct payment_id no_payment = { "" };

    if (work->command->key != NULL)
        store_key_answer(ctx, work->command->key, claim, no_payment, &work->answer);
}

static const struct problem *insert_order(struct ctx *ctx, struct creation *work,
                                          const struct claim *claim)
{
    bool ours_already = false;

    if (work->runs > 1)
        TRY(find_own_order(ctx, work, &ours_already));
    work->answer = answer_order(ctx, 201, &work->order);
    write_key(ctx, work, claim);
    if (!ours_already) {
        store_order_insert(ctx, &work->order);
        history_order_created(ctx, &work->order);
    }
    return OK;
}

static const struct problem *create(struct ctx *ctx, void *argument)
{
    struct creation *work = argument;
    const struct idempotency_key *key = work->command->key;
    const struct problem *problem = OK;
    struct claim claim = { .state = CLAIM_FREE };

    work->runs++;
    if (key != NULL && work->runs > 1)
        store_key_queue_up(ctx, key);
    if (key != NULL)
        TRY(store_key_peek(ctx, key, &claim));
    if (!idempotency_must_run(ctx, &claim, &work->answer, &problem))
        return problem;
    if (work->refusal == OK)
        return insert_order(ctx, work, &claim);
    work->answer = answer_problem(ctx, work->refusal);
    write_key(ctx, work, &claim);
    return OK;
}

const struct problem *create_order(struct ctx *ctx, const struct create_order *command,
                                   struct answer *answer_out)
{
    struct creation work = { .command = command, .order = order_to_create(ctx, command) };
    const struct problem *problem = in_transaction(ctx, create, &work);

    /*
     * The insert failed, so nothing is stored: claim the key anew, and store the refusal as its
     * answer.
     */
    if (problem != OK && problem->type == PROBLEM_ORDER_ALREADY_EXISTS && command->key != NULL) {
        work.refusal = problem;
        problem = in_transaction(ctx, create, &work);
    }
    TRY(problem);
    *answer_out = work.answer;
    return OK;
}
