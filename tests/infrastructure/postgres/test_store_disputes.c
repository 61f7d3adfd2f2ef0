#include "store_world.h"

#include <stdio.h>

#include "application/settling/settle_dispute.h"
#include "application/store/store_disputes.h"

static const struct provider stripe = { .name = "stripe" };

static struct payment given_a_captured_payment(struct ctx *ctx)
{
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    snprintf(payment.provider_intent, sizeof(payment.provider_intent), "pi_%s", payment.id.text);
    given_captured(ctx, &payment);
    return payment;
}

static struct dispute some_dispute(struct ctx *ctx, const struct payment *payment)
{
    struct dispute dispute = {
        .payment_id = payment->id,
        .provider = "stripe",
        .currency = "USD",
        .facts = { .at_ms = 1700000000123, .fact = { DISPUTE_OPEN, false }, .amount_minor = 2500,
                   .provider_status = "needs_response", .reason = "fraudulent",
                   .due_at_s = 1700600000, .withdrawn_minor = 2500, .reinstated_minor = 100 },
        .created_at_ms = ctx->now_ms,
        .updated_at_ms = ctx->now_ms,
    };

    ctx_new_id(ctx, "dsp", dispute.id.text);
    snprintf(dispute.provider_ref, sizeof(dispute.provider_ref), "dp_%s", dispute.id.text);
    return dispute;
}

static const struct problem *insert(struct ctx *ctx, const struct dispute *dispute)
{
    const struct problem *problem;

    store_begin(ctx);
    store_dispute_insert(ctx, dispute);
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

static const struct problem *update(struct ctx *ctx, const struct dispute *dispute)
{
    const struct problem *problem;

    store_begin(ctx);
    store_dispute_update(ctx, dispute);
    problem = store_commit(ctx);
    store_rollback_if_open(ctx);
    return problem;
}

static struct dispute_lock locked(struct ctx *ctx, struct payment_id id)
{
    struct dispute_lock lock;

    store_begin(ctx);
    assert_ok(store_dispute_lock(ctx, id, &lock));
    assert_ok(store_commit(ctx));
    return lock;
}

static const struct dispute *named(struct dispute_lock lock, struct dispute_id id)
{
    const struct dispute *found = NULL;

    for (int i = 0; i < lock.count; i++)
        if (strcmp(lock.disputes[i].id.text, id.text) == 0)
            found = &lock.disputes[i];
    assert_non_null(found);
    return found;
}

static void assert_same(const struct dispute *a, const struct dispute *b)
{
    assert_string_equal(a->id.text, b->id.text);
    assert_string_equal(a->payment_id.text, b->payment_id.text);
    assert_string_equal(a->provider, b->provider);
    assert_string_equal(a->provider_ref, b->provider_ref);
    assert_string_equal(a->currency, b->currency);
    assert_true(dispute_facts_equal(&a->facts, &b->facts));
    assert_int_equal(a->created_at_ms, b->created_at_ms);
    assert_int_equal(a->updated_at_ms, b->updated_at_ms);
}

static void a_dispute_comes_back_as_it_was_stored(void **state)
{
    struct payment payment = given_a_captured_payment(*state);
    struct dispute dispute = some_dispute(*state, &payment);
    struct dispute_lock lock;

    assert_ok(insert(*state, &dispute));
    lock = locked(*state, payment.id);
    assert_true(lock.payment.found);
    assert_string_equal(lock.payment.payment.order_id.text, payment.order_id.text);
    assert_int_equal(lock.count, 1);
    assert_same(&lock.disputes[0], &dispute);

    dispute.facts = (struct dispute_facts) { .at_ms = 1700000000124, .fact = { DISPUTE_LOST, false },
                                             .amount_minor = 2600, .amount_assumed = true,
                                             .provider_status = "lost",
                                             .reason = "general", .withdrawn_minor = 2500,
                                             .reinstated_minor = 100 };
    dispute.updated_at_ms++;
    assert_ok(update(*state, &dispute));
    assert_same(&locked(*state, payment.id).disputes[0], &dispute);
}

static void every_state_of_a_dispute_is_written_and_read(void **state)
{
    static const struct dispute_fact facts[] = { { DISPUTE_OPEN, false }, { DISPUTE_CLOSED, false },
                                                 { DISPUTE_WON, false },  { DISPUTE_LOST, false },
                                                 { DISPUTE_OPEN, true } };
    struct payment payment = given_a_captured_payment(*state);

    for (int i = 0; i < 5; i++) {
        struct dispute dispute = some_dispute(*state, &payment);

        dispute.facts.fact = facts[i];
        assert_ok(insert(*state, &dispute));
        assert_int_equal(locked(*state, payment.id).count, i + 1);
        assert_same(named(locked(*state, payment.id), dispute.id), &dispute);
    }
}

static void the_overlay_is_the_payments(void **state)
{
    struct payment payment = given_a_captured_payment(*state);
    struct dispute_lock lock = locked(*state, payment.id);

    assert_int_equal(lock.payment.payment.dispute, DISPUTE_NONE);
    payment.dispute = DISPUTE_WON;
    payment.disputed_minor = 2400;
    store_begin(*state);
    store_payment_update(*state, &payment);
    assert_ok(store_commit(*state));
    lock = locked(*state, payment.id);
    assert_same_payment(&lock.payment.payment, &payment);
}

static void facts_that_shrink_are_refused(void **state)
{
    struct payment payment = given_a_captured_payment(*state);
    struct dispute dispute = some_dispute(*state, &payment), changed;

    assert_ok(insert(*state, &dispute));
    changed = dispute;
    changed.facts.at_ms--;
    assert_int_equal(update(*state, &changed)->type, PROBLEM_INTERNAL);
    changed = dispute;
    changed.facts.withdrawn_minor--;
    assert_int_equal(update(*state, &changed)->type, PROBLEM_INTERNAL);
    changed = dispute;
    changed.facts.reinstated_minor = 0;
    assert_int_equal(update(*state, &changed)->type, PROBLEM_INTERNAL);
    assert_same(&locked(*state, payment.id).disputes[0], &dispute);
}

static void a_provider_object_is_one_dispute(void **state)
{
    struct payment payment = given_a_captured_payment(*state);
    struct dispute dispute = some_dispute(*state, &payment), twin = some_dispute(*state, &payment);

    assert_ok(insert(*state, &dispute));
    snprintf(twin.provider_ref, sizeof(twin.provider_ref), "%s", dispute.provider_ref);
    assert_non_null(insert(*state, &twin));
}

static void an_update_of_no_dispute_is_refused(void **state)
{
    struct payment payment = given_a_captured_payment(*state);
    struct dispute dispute = some_dispute(*state, &payment);

    assert_problem(update(*state, &dispute), PROBLEM_REQUEST_IN_PROGRESS, true);
}

static void disputes_are_listed_oldest_first_for_their_owner(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_a_captured_payment(ctx);
    struct dispute first = some_dispute(ctx, &payment), second;
    struct dispute *listed;
    bool found;
    int count;

    ctx->now_ms++;
    second = some_dispute(ctx, &payment);
    assert_ok(store_disputes_list(ctx, payment.id, "alice", &listed, &count, &found));
    assert_true(found);
    assert_int_equal(count, 0);
    assert_ok(insert(ctx, &second));
    assert_ok(insert(ctx, &first));
    assert_ok(store_disputes_list(ctx, payment.id, "alice", &listed, &count, &found));
    assert_true(found);
    assert_int_equal(count, 2);
    assert_same(&listed[0], &first);
    assert_same(&listed[1], &second);
    assert_ok(store_disputes_list(ctx, payment.id, "mallory", &listed, &count, &found));
    assert_false(found);
    assert_int_equal(count, 0);
    assert_ok(store_disputes_list(ctx, payment.id, NULL, &listed, &count, &found));
    assert_int_equal(count, 2);
}

/* By its intent alone: disputes carry no metadata of ours. */
static void a_dispute_event_locks_the_payment_and_all_its_disputes(void **state)
{
    struct payment payment = given_a_captured_payment(*state);
    struct dispute one = some_dispute(*state, &payment), two = some_dispute(*state, &payment);
    struct provider_event event = { .type = "charge.dispute.closed", .created_s = 1700000000,
                                    .kind = PROVIDER_EVENT_DISPUTE };
    struct inbox_lock lock;

    assert_ok(insert(*state, &one));
    assert_ok(insert(*state, &two));
    snprintf(event.id, sizeof(event.id), "evt_%s", one.id.text);
    snprintf(event.payment.intent, sizeof(event.payment.intent), "%s", payment.provider_intent);
    store_begin(*state);
    assert_ok(store_inbox_insert(*state, &stripe, &event, (struct bytes) { "{}", 2 }, &lock));
    assert_true(lock.fresh);
    assert_true(lock.payment.found);
    assert_locked(&lock.payment.payment);
    assert_int_equal(lock.dispute_count, 2);
    assert_int_equal(sql_number("SELECT count(*) FROM (SELECT FROM payapi.disputes"
                                " WHERE payment_id = '%s' FOR NO KEY UPDATE SKIP LOCKED) AS free",
                                payment.id.text), 0);
    assert_ok(store_commit(*state));

    event.kind = PROVIDER_EVENT_PAYMENT;
    snprintf(event.id, sizeof(event.id), "evt_%s", two.id.text);
    store_begin(*state);
    assert_ok(store_inbox_insert(*state, &stripe, &event, (struct bytes) { "{}", 2 }, &lock));
    assert_int_equal(lock.dispute_count, 0);
    assert_ok(store_commit(*state));
}

/* --- A provider with many ------------------------------------------------------------------ */

#define MANY 100

static const struct problem *write_list(struct ctx *ctx, const struct payment *payment,
                                        struct provider_request *request_out)
{
    (void) ctx;
    (void) payment;
    *request_out = (struct provider_request) { .operation = OP_LIST_DISPUTES, .method = "GET",
                                               .path = "/" };
    return OK;
}

static void answer(struct ctx *ctx, const struct provider *provider,
                   const struct provider_request *request, struct provider_reply *reply_out)
{
    (void) ctx;
    (void) provider;
    (void) request;
    *reply_out = (struct provider_reply) { .http_status = 200, .complete = true };
}

static bool list_many(struct ctx *ctx, const struct payment *payment, const struct provider_reply *reply,
                      struct provider_dispute **disputes_out, int *count_out)
{
    struct provider_dispute *many = arena_alloc(ctx->arena, MANY * sizeof(*many));

    (void) reply;
    for (int i = 0; i < MANY; i++) {
        many[i] = (struct provider_dispute) {
            .currency = "USD",
            .facts = { .at_ms = ctx->now_ms, .fact = { DISPUTE_LOST, false }, .amount_minor = 10,
                       .provider_status = "lost", .reason = "general", .withdrawn_minor = 10,
                       .reinstated_minor = 3 },
        };
        snprintf(many[i].ref, sizeof(many[i].ref), "dp_%d_%s", i, payment->id.text);
        snprintf(many[i].intent, sizeof(many[i].intent), "%s", payment->provider_intent);
    }
    *disputes_out = many;
    *count_out = MANY;
    return true;
}

/* As many as a page may hold: what they write is 500 statements at once. */
static void a_hundred_disputes_of_one_payment_are_settled(void **state)
{
    const struct provider lister = { .name = "stripe", .write_list_disputes = write_list, .call = answer,
                                     .read_dispute_list = list_many };
    const struct provider *const providers[] = { &lister, NULL };
    struct ctx ctx = *(struct ctx *) *state;
    struct payment payment = given_a_captured_payment(&ctx);
    bool told = false;

    ctx.providers = providers;
    assert_ok(relist_disputes(&ctx, &payment, &told));
    assert_true(told);
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.disputes WHERE payment_id = '%s'",
                                payment.id.text), MANY);
    assert_ok(relist_disputes(&ctx, &payment, &told));          /* the same news are no news */
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.transactions WHERE payment_id = '%s'"
                                " AND kind LIKE 'dispute%%'", payment.id.text), 2 * MANY);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(a_dispute_comes_back_as_it_was_stored),
        CASE(every_state_of_a_dispute_is_written_and_read),
        CASE(the_overlay_is_the_payments),
        CASE(facts_that_shrink_are_refused),
        CASE(a_provider_object_is_one_dispute),
        CASE(an_update_of_no_dispute_is_refused),
        CASE(disputes_are_listed_oldest_first_for_their_owner),
        CASE(a_dispute_event_locks_the_payment_and_all_its_disputes),
        CASE(a_hundred_disputes_of_one_payment_are_settled),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store_disputes", tests, NULL, NULL);
}
