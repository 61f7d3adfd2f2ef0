/*
 * adopt_payment, as process_inbox uses it: a payment that only the provider has is written down again.
 */
#include "application/recovery/recover_payment.h"
#include "given.h"

#include <stdio.h>
#include <string.h>

#include "application/inbox/process_inbox.h"

static struct provider adopting;                /* fake_stripe, which can be asked for lost payments */
static enum provider_adoption answer;
static struct provider_adopted found;
static struct fake_tables lost;                 /* the rows before they were lost */
static int look_count;
static bool comes_back_meanwhile;
static enum webhook_outcome outcome;

/* --- The provider -------------------------------------------------------------------------- */

static const struct problem *write_adopt(struct ctx *ctx, const struct provider_event *event,
                                         struct provider_request *request_out)
{
    if (event->payment.intent[0] == '\0')
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE, "It names nothing.");
    *request_out = (struct provider_request) { .operation = OP_ADOPT, .method = "GET",
                                               .path = "", .idempotency_key = "" };
    return OK;
}

static void call(struct ctx *ctx, const struct provider *provider,
                 const struct provider_request *request, struct provider_reply *reply_out)
{
    if (request->operation != OP_ADOPT) {
        fake_stripe.call(ctx, provider, request, reply_out);
        return;
    }
    assert_false(fake_store_in_transaction(ctx->store));
    fake_crash_point();
    look_count++;
    if (comes_back_meanwhile)
        *fake_store_tables(the_store) = lost;
    *reply_out = (struct provider_reply) { .http_status = 200, .sent = true, .complete = true,
                                           .request_id = "", .error = "" };
}

static enum provider_adoption read_adopted(struct ctx *ctx, const struct provider *provider,
                                           const struct provider_event *event,
                                           const struct provider_reply *reply,
                                           struct provider_adopted *adopted_out)
{
    (void) ctx, (void) provider, (void) event, (void) reply;
    *adopted_out = found;
    return answer;
}

/* --- The world ----------------------------------------------------------------------------- */

static int set_up(void **state)
{
    set_up_world(state);
    adopting = fake_stripe;
    adopting.call = call;
    adopting.write_adopt = write_adopt;
    adopting.read_adopted = read_adopted;
    answer = ADOPTION_CLAIMED;
    look_count = 0;
    comes_back_meanwhile = false;
    return 0;
}

static struct ctx *a_job(void)
{
    static const struct provider *providers[2];
    struct ctx *ctx = given_a_request_of("jobs");

    providers[0] = &adopting;
    ctx->actor.role = ROLE_NONE;
    ctx->providers = providers;
    return ctx;
}

static struct provider_adopted object_of(const struct payment *payment)
{
    struct provider_adopted object = {
        .payment = { .payment_id = payment->id, .order_id = payment->order_id,
                     .amount_minor = payment->amount.minor,
                     .facts = { .captured_minor = payment->amount.minor } },
        .created_s = payment->created_at_ms / 1000,
        .expires_s = payment->expires_at_ms / 1000,
    };

    memcpy(object.payment.currency, payment->amount.currency, 4);
    authorship_prove(NULL, payment, object.payment.proof);
    snprintf(object.payment.ref, sizeof(object.payment.ref), "%s", payment->provider_ref);
    snprintf(object.payment.intent, sizeof(object.payment.intent), "pi_of_%s", payment->id.text);
    return object;
}

/* The database was restored: what came since is gone. */
static void lose(bool order_too)
{
    struct fake_tables *rows = fake_store_tables(the_store);

    lost = *rows;
    rows->payment_count = rows->call_count = rows->audit_count = 0;
    if (order_too)
        rows->order_count = 0;
}

/* A paid page of abc-123, its event, and no payment any more. */
static struct payment given_a_lost_payment(bool order_too)
{
    struct payment payment;

    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    checkout_answer("alice", "abc-123", NULL);
    payment = *last_payment();
    fake_provider_object(0)->state = FAKE_PAID;
    found = object_of(&payment);
    lose(order_too);
    given_the_webhook(captured_event("evt_1", &payment), WEBHOOK_STORED);
    return payment;
}

static struct fake_webhook *the_event(void)
{
    return &fake_store_tables(the_store)->webhooks[0];
}

static void try_now(void)
{
    struct due_event due[JOBS_BATCH_MAX];
    int count;

    assert_null(store_inbox_due(a_job(), false, JOBS_BATCH_MAX, due, &count));
    assert_int_equal(count, 1);
    assert_null(process_inbox(a_job(), &due[0], &outcome));
}

/* The first try waits; the second one asks. */
static void try_twice(void)
{
    try_now();
    given_time_passes(inbox_delay_max_ms(1) / 1000 + 1);
    try_now();
}

/* --- Adopted ------------------------------------------------------------------------------- */

static void nobody_is_asked_at_the_first_try(void **state)
{
    (void) state;
    given_a_lost_payment(true);
    try_now();

    assert_int_equal(look_count, 0);
    assert_string_equal(the_event()->reason, "no payment of ours is named");
    given_time_passes(inbox_delay_max_ms(1) / 1000 + 1);
    try_now();
    assert_int_equal(look_count, 1);
}

static void a_lost_order_and_payment_are_written_down_and_flagged(void **state)
{
    struct payment before = given_a_lost_payment(true);
    (void) state;

    try_twice();
    assert_int_equal(outcome, WEBHOOK_APPLIED);
    assert_string_equal(last_payment()->id.text, before.id.text);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_int_equal(last_payment()->expires_at_ms, before.expires_at_ms);
    assert_true(last_payment()->needs_review);
    assert_string_equal(last_payment()->provider_ref, before.provider_ref);
    assert_string_equal(the_order("abc-123")->owner_id, ORDER_OWNER_UNKNOWN);
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_int_equal(fake_store_count_audits(the_store, "order.adopted"), 1);
    assert_int_equal(fake_store_count_audits(the_store, "payment.adopted"), 1);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_CREATED), 1);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_REVIEW_NEEDED), 1);
    fake_store_check_invariants(the_store);
}

static void an_order_that_is_still_there_stays_its_owners(void **state)
{
    (void) state;
    given_a_lost_payment(false);
    try_twice();

    assert_string_equal(the_order("abc-123")->owner_id, "alice");
    assert_int_equal(fake_store_count_audits(the_store, "order.adopted"), 0);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
}

static void money_of_an_order_whose_new_page_is_open_pays_it(void **state)
{
    struct payment before = given_a_lost_payment(false);
    (void) state;

    checkout_answer("alice", "abc-123", NULL);
    try_twice();
    assert_string_equal(last_payment()->id.text, before.id.text);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_false(last_payment()->surplus);
    assert_true(fake_store_tables(the_store)->payments[0].surplus);     /* the page that gave way */
    assert_int_equal(the_order("abc-123")->status, ORDER_PAID);
    assert_int_equal(fake_store_tables(the_store)->refund_count, 0);
}

static void money_for_an_order_that_has_its_payment_goes_back(void **state)
{
    struct payment before = given_a_lost_payment(false);
    enum recovery_result result;
    struct payment *adopted, paid;
    (void) state;

    checkout_answer("alice", "abc-123", NULL);
    assert_string_not_equal(last_payment()->id.text, before.id.text);
    fake_provider_object(1)->state = FAKE_PAID;
    assert_null(recover_payment(given_a_request_of("jobs"), last_payment()->id, NULL, &paid, &result));
    assert_int_equal(paid.status, PAYMENT_COMPLETED);
    try_twice();
    adopted = last_payment();
    assert_string_equal(adopted->id.text, before.id.text);
    assert_true(adopted->surplus);
    assert_int_equal(adopted->status, PAYMENT_REFUNDED);
    assert_int_equal(fake_provider_refunded_minor(), 9999);
    assert_int_equal(fake_store_tables(the_store)->refund_count, 1);
    assert_int_equal(fake_store_tables(the_store)->refunds[0].origin, REFUND_OF_SURPLUS);
}

static void an_unpaid_page_beside_a_live_payment_is_adopted_closed(void **state)
{
    (void) state;
    given_a_lost_payment(false);
    found.payment.facts = (struct payment_facts) { .closed = PAYMENT_CLOSED_EXPIRED };
    fake_provider_object(0)->state = FAKE_EXPIRED;
    checkout_answer("alice", "abc-123", NULL);
    try_twice();

    assert_int_equal(last_payment()->facts.closed, PAYMENT_CLOSED_EXPIRED);
    assert_false(payment_is_open(&last_payment()->facts));
}

static void rows_that_come_back_meanwhile_are_taken_as_they_are(void **state)
{
    struct payment before = given_a_lost_payment(true);
    (void) state;

    try_now();
    given_time_passes(inbox_delay_max_ms(1) / 1000 + 1);
    memcpy(lost.webhooks, fake_store_tables(the_store)->webhooks, sizeof(lost.webhooks));
    lost.webhook_count = 1;
    lost.webhooks[0].attempts = 2;
    comes_back_meanwhile = true;
    try_now();
    assert_int_equal(look_count, 1);
    assert_string_equal(last_payment()->id.text, before.id.text);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
    assert_false(last_payment()->needs_review);
    assert_int_equal(fake_store_count_audits(the_store, "payment.adopted"), 0);
    assert_int_equal(payment_count(), 1);
}

/* --- Not adopted --------------------------------------------------------------------------- */

static void what_the_provider_does_not_tell_is_asked_again(void **state)
{
    (void) state;
    given_a_lost_payment(true);
    answer = ADOPTION_UNTOLD;
    try_twice();

    assert_int_equal(the_event()->status, INBOX_RECEIVED);
    assert_int_equal(payment_count(), 0);
    given_time_passes(inbox_delay_max_ms(2) / 1000 + 1);
    answer = ADOPTION_CLAIMED;
    try_now();
    assert_int_equal(the_event()->status, INBOX_PROCESSED);
}

/* Somebody else's object may name an order and a payment as ours do: only its proof tells. */
static void what_proves_nothing_is_ignored_whatever_it_names(void **state)
{
    (void) state;
    given_a_lost_payment(true);
    found.payment.proof[0] = '\0';
    try_twice();

    assert_int_equal(outcome, WEBHOOK_NOT_FOR_US);
    assert_int_equal(the_event()->status, INBOX_IGNORED);
    assert_string_equal(the_event()->reason, "nothing proves that this installation made it");
    assert_int_equal(payment_count(), 0);
    assert_null(the_order("abc-123"));
}

/* Nor is its money a surplus of ours that goes back. */
static void money_of_others_for_a_paid_order_stays_where_it_is(void **state)
{
    (void) state;
    given_a_lost_payment(false);
    checkout_answer("alice", "abc-123", NULL);
    snprintf(found.payment.proof, sizeof(found.payment.proof), "theirs.00");
    try_twice();

    assert_int_equal(the_event()->status, INBOX_IGNORED);
    assert_int_equal(fake_provider_refunded_minor(), 0);
    assert_int_equal(fake_store_tables(the_store)->refund_count, 0);
}

static void a_proof_of_ours_for_something_else_is_left_to_a_human(void **state)
{
    (void) state;
    given_a_lost_payment(true);
    found.payment.amount_minor = 1;
    try_twice();

    assert_int_equal(the_event()->status, INBOX_DEAD);
    assert_int_equal(payment_count(), 0);
}

/* --- Metadata that names a payment which we have -------------------------------------------- */

static void given_a_page_of_others(void)
{
    struct provider_event event;

    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    checkout_answer("alice", "abc-123", NULL);
    found = object_of(last_payment());
    snprintf(found.payment.ref, sizeof(found.payment.ref), "cs_of_others");
    snprintf(found.payment.intent, sizeof(found.payment.intent), "pi_of_others");
    found.payment.proof[0] = '\0';
    event = captured_event("evt_1", last_payment());
    event.payment = found.payment;
    given_the_webhook(event, WEBHOOK_STORED);
    assert_string_equal(the_event()->payment_id.text, "");
}

static void a_page_of_others_pays_no_payment_of_ours(void **state)
{
    (void) state;
    given_a_page_of_others();
    try_twice();

    assert_int_equal(the_event()->status, INBOX_IGNORED);
    assert_int_equal(last_payment()->status, PAYMENT_PROCESSING);
    assert_string_equal(last_payment()->provider_intent, "");
}

static void a_payment_from_before_there_were_proofs_is_known_by_what_it_asks_for(void **state)
{
    struct provider_event event;
    (void) state;

    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    checkout_answer("alice", "abc-123", NULL);
    last_payment()->authored = false;
    event = captured_event("evt_1", last_payment());
    event.payment.proof[0] = '\0';
    event.payment.order_id = last_payment()->order_id;
    event.payment.amount_minor--;
    given_the_webhook(event, WEBHOOK_STORED);
    event.payment.amount_minor++;
    snprintf(event.id, sizeof(event.id), "evt_2");
    given_the_webhook(event, WEBHOOK_APPLIED);
    assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
}

/* Not even what was made before there were proofs: a stranger could say the same. */
static void without_a_proof_nothing_is_adopted(void **state)
{
    (void) state;
    given_a_lost_payment(false);
    found.payment.proof[0] = '\0';
    try_twice();
    assert_int_equal(payment_count(), 0);
}

static void what_is_somebody_elses_is_ignored(void **state)
{
    (void) state;
    given_a_lost_payment(true);
    answer = ADOPTION_NOT_OURS;
    try_twice();

    assert_int_equal(outcome, WEBHOOK_NOT_FOR_US);
    assert_int_equal(the_event()->status, INBOX_IGNORED);
    assert_string_equal(the_event()->reason, "names no payment of ours");
    assert_int_equal(payment_count(), 0);
}

static void an_order_of_another_amount_is_left_to_a_human(void **state)
{
    (void) state;
    given_a_lost_payment(false);
    the_order("abc-123")->amount.minor = 500;
    try_twice();

    assert_int_equal(the_event()->status, INBOX_DEAD);
    assert_true(strstr(the_event()->reason, "another amount or currency") != NULL);
    assert_int_equal(payment_count(), 0);
}

static void a_payment_id_of_another_order_leaves_no_order_behind(void **state)
{
    (void) state;
    given_a_lost_payment(true);
    *fake_store_tables(the_store) = lost;
    fake_store_tables(the_store)->webhook_count = 0;
    assert_true(order_id_parse("other", &found.payment.order_id));
    authorship_prove(NULL, &(struct payment) { .id = last_payment()->id, .order_id = { "other" },
                                               .amount = last_payment()->amount }, found.payment.proof);
    given_the_webhook(({
        struct provider_event event = captured_event("evt_2", last_payment());
        event.payment.payment_id.text[0] = '\0';
        event;
    }), WEBHOOK_STORED);
    try_twice();

    assert_int_equal(the_event()->status, INBOX_RECEIVED);
    assert_string_equal(the_event()->reason, "its payment id belongs to another order");
    assert_null(the_order("other"));
}

static void a_provider_that_cannot_be_asked_leaves_it_waiting(void **state)
{
    (void) state;
    given_a_lost_payment(true);
    adopting.write_adopt = NULL;
    try_twice();

    assert_int_equal(the_event()->status, INBOX_RECEIVED);
    assert_int_equal(look_count, 0);
}

/* --- Crashes ------------------------------------------------------------------------------- */

static bool try_until(int nth)
{
    struct due_event due[JOBS_BATCH_MAX];
    struct ctx *ctx = a_job();
    bool survived;
    int count;

    assert_null(store_inbox_due(ctx, false, JOBS_BATCH_MAX, due, &count));
    survived = SURVIVES(nth, process_inbox(ctx, &due[0], &outcome));
    fake_store_reconnect(the_store);
    return survived;
}

static void a_crash_at_any_step_adopts_once(void **state)
{
    bool ended = false;

    for (int nth = 1; !ended; nth++) {
        set_up(state);
        given_a_lost_payment(true);
        try_now();
        given_time_passes(inbox_delay_max_ms(1) / 1000 + 1);
        ended = try_until(nth);
        given_time_passes(INBOX_LEASE_S + 1);
        if (the_event()->status == INBOX_RECEIVED)
            try_now();
        assert_int_equal(the_event()->status, INBOX_PROCESSED);
        assert_int_equal(last_payment()->status, PAYMENT_COMPLETED);
        assert_int_equal(fake_store_count_audits(the_store, "payment.adopted"), 1);
        fake_store_check_invariants(the_store);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_is_asked_at_the_first_try),
        TEST(a_lost_order_and_payment_are_written_down_and_flagged),
        TEST(an_order_that_is_still_there_stays_its_owners),
        TEST(money_of_an_order_whose_new_page_is_open_pays_it),
        TEST(money_for_an_order_that_has_its_payment_goes_back),
        TEST(an_unpaid_page_beside_a_live_payment_is_adopted_closed),
        TEST(rows_that_come_back_meanwhile_are_taken_as_they_are),
        TEST(what_the_provider_does_not_tell_is_asked_again),
        TEST(what_proves_nothing_is_ignored_whatever_it_names),
        TEST(money_of_others_for_a_paid_order_stays_where_it_is),
        TEST(a_proof_of_ours_for_something_else_is_left_to_a_human),
        TEST(a_page_of_others_pays_no_payment_of_ours),
        TEST(a_payment_from_before_there_were_proofs_is_known_by_what_it_asks_for),
        TEST(without_a_proof_nothing_is_adopted),
        TEST(what_is_somebody_elses_is_ignored),
        TEST(an_order_of_another_amount_is_left_to_a_human),
        TEST(a_payment_id_of_another_order_leaves_no_order_behind),
        TEST(a_provider_that_cannot_be_asked_leaves_it_waiting),
        TEST(a_crash_at_any_step_adopts_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
