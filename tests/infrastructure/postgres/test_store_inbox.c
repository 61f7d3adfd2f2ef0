#include "store_world.h"

#include <stdio.h>

static const struct provider stripe = { .name = "stripe" };
static const struct provider paystack = { .name = "paystack" };

#define BODY ((struct bytes) { "{\"id\":\"evt\"}\0\xff", 14 })

static struct provider_event some_event(struct ctx *ctx)
{
    struct provider_event event = { .type = "checkout.session.completed", .livemode = true,
                                    .created_s = 1700000000 };
    char id[ID_TEXT_MAX];

    ctx_new_id(ctx, "evt", id);
    snprintf(event.id, sizeof(event.id), "%s", id);
    return event;
}

static struct payment with_payment(struct ctx *ctx)
{
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    snprintf(payment.provider_ref, sizeof(payment.provider_ref), "cs_%s", payment.id.text);
    snprintf(payment.provider_intent, sizeof(payment.provider_intent), "pi_%s", payment.id.text);
    given_facts(ctx, &payment, (struct payment_facts) { .snapshot.progress = PROGRESS_OPENED });
    return payment;
}

static struct inbox_lock inserted(struct ctx *ctx, const struct provider *provider,
                                  const struct provider_event *event)
{
    struct inbox_lock lock;

    store_begin(ctx);
    assert_ok(store_inbox_insert(ctx, provider, event, BODY, &lock));
    assert_ok(store_commit(ctx));
    return lock;
}

static void an_event_is_stored_byte_for_byte(void **state)
{
    struct provider_event event = some_event(*state);
    struct inbox_lock lock = inserted(*state, &stripe, &event);

    assert_true(lock.fresh);
    assert_false(lock.is_noted);
    assert_false(lock.payment.found);
    assert_true(id_is_valid("whe", lock.inbox_id.text));
    assert_int_equal(sql_number(
        "SELECT count(*) FROM payapi.webhook_events WHERE event_id = '%s' AND provider = 'stripe'"
        " AND inbox_id = '%s' AND type = 'checkout.session.completed' AND livemode"
        " AND body = '{\"id\":\"evt\"}\\000\\377'::bytea AND status = 'received'"
        " AND next_at <= now() AND payment_id IS NULL AND finished_at IS NULL"
        " AND event_created_at = to_timestamp(1700000000)", event.id, lock.inbox_id.text), 1);
}

static void an_event_is_stored_once(void **state)
{
    struct payment payment = with_payment(*state);
    struct provider_event event = some_event(*state);
    struct inbox_lock again;

    event.payment.payment_id = payment.id;
    assert_true(inserted(*state, &stripe, &event).fresh);
    again = inserted(*state, &stripe, &event);

    assert_false(again.fresh);
    assert_false(again.is_noted);
    assert_false(again.payment.found);
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.webhook_events WHERE event_id = '%s'",
                                event.id), 1);
}

static void the_same_id_of_another_provider_is_another_event(void **state)
{
    struct provider_event event = some_event(*state);

    assert_true(inserted(*state, &stripe, &event).fresh);
    assert_true(inserted(*state, &paystack, &event).fresh);
}

static void assert_names(struct ctx *ctx, const struct provider_event *event,
                         const struct payment *payment)
{
    struct inbox_lock lock = inserted(ctx, &stripe, event);

    assert_true(lock.fresh);
    assert_true(lock.payment.found);
    assert_string_equal(lock.payment.payment.id.text, payment->id.text);
    assert_int_equal(lock.payment.order_status, ORDER_OPEN);
    assert_true(lock.is_noted);
    assert_string_equal(sql_text("SELECT payment_id FROM payapi.webhook_events"
                                 " WHERE inbox_id = '%s' AND status = 'processed' AND finished_at = received_at",
                                 lock.inbox_id.text), payment->id.text);
}

static void an_event_names_its_payment_by_id_or_page_or_reference(void **state)
{
    struct payment payment = with_payment(*state);
    struct provider_event by_id = some_event(*state);
    struct provider_event by_ref = some_event(*state);
    struct provider_event by_intent = some_event(*state);

    by_id.payment.payment_id = payment.id;
    memcpy(by_ref.payment.ref, payment.provider_ref, PROVIDER_REF_MAX);
    memcpy(by_intent.payment.intent, payment.provider_intent, PROVIDER_REF_MAX);
    assert_names(*state, &by_id, &payment);
    assert_names(*state, &by_ref, &payment);
    assert_names(*state, &by_intent, &payment);
}

static const struct problem *disown(struct ctx *ctx, void *argument)
{
    store_inbox_disown(ctx, ((struct inbox_lock *) argument)->inbox_id);
    return OK;
}

/* References are what we stored; metadata may be anybody's. */
static void their_references_count_more_than_the_id_in_metadata(void **state)
{
    struct payment payment = with_payment(*state);
    struct payment other = with_payment(*state);
    struct provider_event event = some_event(*state);
    struct provider_event without_id = some_event(*state);

    event.payment.payment_id = payment.id;
    memcpy(event.payment.ref, other.provider_ref, PROVIDER_REF_MAX);
    assert_names(*state, &event, &other);

    memcpy(without_id.payment.ref, payment.provider_ref, PROVIDER_REF_MAX);
    memcpy(without_id.payment.intent, other.provider_intent, PROVIDER_REF_MAX);
    assert_names(*state, &without_id, &payment);
}

/* What it named was not its own: it waits, and its payment is not among the events of that one. */
static void an_event_can_be_disowned(void **state)
{
    struct payment payment = with_payment(*state);
    struct provider_event event = some_event(*state);
    struct inbox_lock lock;

    event.payment.payment_id = payment.id;
    lock = inserted(*state, &stripe, &event);
    assert_true(lock.is_noted);
    assert_null(in_transaction(*state, disown, &lock));
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.webhook_events WHERE inbox_id = '%s' AND"
                                " payment_id IS NULL AND status = 'received' AND finished_at IS NULL",
                                lock.inbox_id.text), 1);
}

static void a_provider_cannot_name_payments_of_another(void **state)
{
    struct payment payment = with_payment(*state);
    struct provider_event event = some_event(*state);

    event.payment.payment_id = payment.id;
    memcpy(event.payment.ref, payment.provider_ref, PROVIDER_REF_MAX);
    memcpy(event.payment.intent, payment.provider_intent, PROVIDER_REF_MAX);
    assert_false(inserted(*state, &paystack, &event).payment.found);
}

static void an_event_learns_that_the_order_is_taken(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    struct payment closed = given_a_payment(ctx, &order);
    struct provider_event event = some_event(ctx);
    struct inbox_lock lock;

    given_facts(ctx, &closed, (struct payment_facts) { .closed = PAYMENT_CLOSED_EXPIRED });
    given_a_payment(ctx, &order);
    event.payment.payment_id = closed.id;
    lock = inserted(ctx, &stripe, &event);

    assert_true(lock.payment.order_taken);
}

static void an_event_locks_order_and_payment_and_a_duplicate_locks_nothing(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = with_payment(ctx);
    struct order order = { .id = payment.order_id };
    struct provider_event event = some_event(ctx);
    struct inbox_lock lock;

    event.payment.payment_id = payment.id;
    store_begin(ctx);
    assert_ok(store_inbox_insert(ctx, &stripe, &event, BODY, &lock));
    assert_locked(&payment);
    assert_ok(store_commit(ctx));

    store_begin(ctx);
    assert_ok(store_inbox_insert(ctx, &stripe, &event, BODY, &lock));
    assert_int_equal(sql_number("SELECT count(*) FROM (SELECT FROM payapi.orders WHERE order_id = '%s'"
                                " FOR NO KEY UPDATE SKIP LOCKED) AS free", order.id.text), 1);
    store_rollback_if_open(ctx);
}

static void a_webhook_is_two_round_trips_and_one_commit(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = with_payment(ctx);
    struct provider_event event = some_event(ctx);
    int64_t round_trips = store_round_trips(ctx->store);
    int64_t commits = store_commits(ctx->store);
    struct inbox_lock lock;

    event.payment.payment_id = payment.id;
    store_begin(ctx);
    assert_ok(store_inbox_insert(ctx, &stripe, &event, BODY, &lock));
    store_payment_update(ctx, &lock.payment.payment);
    store_order_set_status(ctx, payment.order_id, ORDER_PAID);
    store_movement_insert(ctx, &payment, &(struct movement) {
        MOVEMENT_CHARGE, 9999, payment.id.text, ctx->now_ms });
    queue_change(ctx, payment.order_id, payment.id, "status", "{}",
                 DOMAIN_EVENT_PAYMENT_COMPLETED);
    assert_true(lock.is_noted);
    assert_ok(store_commit(ctx));

    assert_int_equal(store_round_trips(ctx->store) - round_trips, 2);
    assert_int_equal(store_commits(ctx->store) - commits, 1);
}

static void finish(struct ctx *ctx, struct inbox_id id, enum inbox_status status,
                   struct payment_id payment_id, const char *reason)
{
    store_begin(ctx);
    store_inbox_finish(ctx, id, status, payment_id, reason);
    assert_ok(store_commit(ctx));
}

static void an_event_ends_processed_ignored_or_waits(void **state)
{
    static const struct {
        enum inbox_status status;
        const char         *name;
        bool                finished;
    } ends[] = {
        { INBOX_RECEIVED,    "received",  false },
        { INBOX_PROCESSED,   "processed", true },
        { INBOX_IGNORED,     "ignored",   true },
    };
    struct payment payment = with_payment(*state);

    for (int i = 0; i < 3; i++) {
        struct provider_event event = some_event(*state);
        struct inbox_lock lock = inserted(*state, &stripe, &event);

        finish(*state, lock.inbox_id, ends[i].status, payment.id, "because");
        assert_int_equal(sql_number(
            "SELECT count(*) FROM payapi.webhook_events WHERE inbox_id = '%s' AND status = '%s'"
            " AND (finished_at IS NOT NULL) = %s AND reason = 'because' AND payment_id = '%s'",
            lock.inbox_id.text, ends[i].name, ends[i].finished ? "true" : "false",
            payment.id.text), 1);
    }
}

static void an_event_with_a_payment_that_is_not_applied_at_once_is_due(void **state)
{
    struct payment payment = with_payment(*state);
    struct provider_event event = some_event(*state);
    struct payment_id as_found = { "" };
    struct inbox_lock lock;

    event.payment.payment_id = payment.id;
    lock = inserted(*state, &stripe, &event);
    finish(*state, lock.inbox_id, INBOX_RECEIVED, as_found, "later");
    assert_int_equal(sql_number(
        "SELECT count(*) FROM payapi.webhook_events WHERE inbox_id = '%s' AND status = 'received'"
        " AND next_at <= now() AND finished_at IS NULL AND payment_id = '%s'", lock.inbox_id.text,
        payment.id.text), 1);
}

static void no_event_cannot_end(void **state)
{
    struct ctx *ctx = *state;
    struct inbox_id nobodys = { "whe_00000000000000000000000000" };
    struct payment_id none = { "" };

    store_begin(ctx);
    store_inbox_finish(ctx, nobodys, INBOX_IGNORED, none, "because");
    assert_problem(store_commit(ctx), PROBLEM_REQUEST_IN_PROGRESS, true);
    store_rollback_if_open(ctx);
}

static void an_event_with_an_absurd_date_is_kept(void **state)
{
    static const int64_t absurd[] = { -1, INT64_MIN, INT64_MAX, INT64_C(253402300800) };

    for (int i = 0; i < 4; i++) {
        struct provider_event event = some_event(*state);

        event.created_s = absurd[i];
        assert_true(inserted(*state, &stripe, &event).fresh);
    }
}

static void a_body_of_one_mebibyte_is_kept(void **state)
{
    struct ctx *ctx = *state;
    struct provider_event event = some_event(ctx);
    struct bytes body = { arena_alloc(ctx->arena, 1 << 20), 1 << 20 };
    struct inbox_lock lock;

    store_begin(ctx);
    assert_ok(store_inbox_insert(ctx, &stripe, &event, body, &lock));
    assert_ok(store_commit(ctx));
    assert_int_equal(sql_number("SELECT length(body) FROM payapi.webhook_events"
                                " WHERE inbox_id = '%s'", lock.inbox_id.text), 1 << 20);
}

/* --- Races --------------------------------------------------------------------------------- */

static struct provider_event contested;
static int                   fresh[50];

static const struct problem *insert_slowly(struct ctx *worker, int pause_ms, bool *fresh_out)
{
    struct inbox_lock lock = { .fresh = false };

    store_begin(worker);
    TRY(store_inbox_insert(worker, &stripe, &contested, BODY, &lock));
    sleep_ms(pause_ms);
    TRY(store_commit(worker));
    *fresh_out = lock.fresh;
    return OK;
}

/* The second one waits until the first one has ended, and then knows it for a duplicate; a busy
 * machine keeps it waiting until its time is up: then the provider delivers again. */
static void deliver(struct ctx *worker, int number)
{
    const struct problem *problem;
    bool is_fresh = false;

    do {
        problem = insert_slowly(worker, number % 3, &is_fresh);
        store_rollback_if_open(worker);
    } while (problem != OK && problem->repeatable);
    fresh[number] = problem == OK ? is_fresh : -1;
}

static void of_50_deliveries_at_once_one_is_fresh(void **state)
{
    struct payment payment = with_payment(*state);

    for (int round = 0; round < 5; round++) {
        int count = 0;

        contested = some_event(*state);
        contested.payment.payment_id = payment.id;
        at_once(50, deliver);
        for (int i = 0; i < 50; i++) {
            assert_true(fresh[i] >= 0);
            count += fresh[i];
        }
        assert_int_equal(count, 1);
    }
}

static void a_duplicate_after_a_rollback_is_fresh(void **state)
{
    struct ctx *ctx = *state;
    struct provider_event event = some_event(ctx);
    struct inbox_lock lock;

    store_begin(ctx);
    assert_ok(store_inbox_insert(ctx, &stripe, &event, BODY, &lock));
    store_rollback_if_open(ctx);
    assert_true(inserted(ctx, &stripe, &event).fresh);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_is_stored_byte_for_byte),
        TEST(an_event_is_stored_once),
        TEST(the_same_id_of_another_provider_is_another_event),
        TEST(an_event_names_its_payment_by_id_or_page_or_reference),
        TEST(their_references_count_more_than_the_id_in_metadata),
        TEST(an_event_can_be_disowned),
        TEST(a_provider_cannot_name_payments_of_another),
        TEST(an_event_learns_that_the_order_is_taken),
        TEST(an_event_locks_order_and_payment_and_a_duplicate_locks_nothing),
        TEST(a_webhook_is_two_round_trips_and_one_commit),
        TEST(an_event_ends_processed_ignored_or_waits),
        TEST(an_event_with_a_payment_that_is_not_applied_at_once_is_due),
        TEST(no_event_cannot_end),
        TEST(an_event_with_an_absurd_date_is_kept),
        TEST(a_body_of_one_mebibyte_is_kept),
        TEST(of_50_deliveries_at_once_one_is_fresh),
        TEST(a_duplicate_after_a_rollback_is_fresh),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store webhooks", tests, NULL, NULL);
}
