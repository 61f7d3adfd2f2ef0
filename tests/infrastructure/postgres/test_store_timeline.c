#include "store_world.h"

#include <stdio.h>

#include "application/commands.h"
#include "application/queries.h"

/* --- Timeline ------------------------------------------------------------------------------ */

static struct provider_call given_a_call_with_personal_data(struct ctx *ctx,
                                                            const struct payment *payment)
{
    struct provider_call call = some_call(ctx, payment);

    call.request.body = bytes_of("mode=payment&customer_email=alice%40example.com"
                                 "&line_items[0][price_data][unit_amount]=9999"
                                 "&line_items[0][price_data][product_data][name]=For+Alice+Smith");
    store_begin(ctx);
    store_call_insert(ctx, &call, call.attempts > 0);
    assert_ok(store_commit(ctx));
    return call;
}

static struct payment given_a_story(struct ctx *ctx)
{
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    given_a_call_with_personal_data(ctx, &payment);
    store_begin(ctx);
    queue_change(ctx, order.id, payment.id, "status",
                 "{\"from\":\"pending\",\"to\":\"processing\",\"source\":\"checkout\"}",
                 DOMAIN_EVENT_NONE);
    assert_ok(store_commit(ctx));
    given_captured(ctx, &payment);
    ctx->now_ms += 60000;
    store_begin(ctx);
    store_movement_insert(ctx, &payment, &(struct movement) {
        MOVEMENT_CHARGE, 9999, payment.id.text, ctx->now_ms });
    assert_ok(store_commit(ctx));
    return payment;
}

static struct timeline *read(struct ctx *ctx, const struct payment *payment)
{
    struct timeline *timeline = arena_alloc(ctx->arena, sizeof(*timeline));

    assert_ok(get_timeline(ctx, payment->id.text, timeline));
    return timeline;
}

static const struct timeline_item *find(const struct timeline *timeline, const char *kind)
{
    for (int i = 0; i < timeline->count; i++)
        if (strcmp(timeline->items[i].kind, kind) == 0)
            return &timeline->items[i];
    fail_msg("no %s in the timeline", kind);
    return NULL;
}

static const struct problem *no_terms(struct ctx *ctx, const void *body, const char *currency,
                                      struct review_terms *terms_out)
{
    (void) ctx;
    (void) body;
    (void) currency;
    terms_out->amount_minor = 0;
    return OK;
}

static const struct problem *dismiss_review(struct ctx *ctx, const struct payment *payment,
                                            const char *reason, struct answer *answer_out)
{
    const struct review_payment command = {
        .payment_id = payment->id.text, .reason = reason, .owner_id = "", .reference = "",
        .read_terms = no_terms,
    };

    return review_payment(ctx, &command, answer_out);
}

static void a_timeline_is_in_order_and_one_round_trip(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_a_story(ctx);
    int64_t round_trips = store_round_trips(ctx->store);
    const struct timeline *timeline = read(ctx, &payment);

    assert_int_equal(store_round_trips(ctx->store) - round_trips, 1);
    assert_int_equal(timeline->count, 3);
    for (int i = 1; i < timeline->count; i++)
        assert_true(timeline->items[i - 1].at_ms <= timeline->items[i].at_ms);
    assert_string_equal(timeline->items[0].kind, "provider_call");
    assert_string_equal(timeline->items[1].kind, "transition");
    assert_string_equal(timeline->items[1].summary, "pending to processing by checkout");
    assert_string_equal(timeline->items[2].kind, "transaction");
    assert_string_equal(timeline->items[2].trace_id, ctx->trace_id);
}

static int place_of(const struct timeline *timeline, const char *summary)
{
    for (int i = 0; i < timeline->count; i++)
        if (strcmp(timeline->items[i].summary, summary) == 0)
            return i;
    fail_msg("nothing says %s", summary);
    return -1;
}

/* An hour in either direction: as clocks may differ, and as a request's time is that of its begin. */
static void causes_come_first_whatever_our_clock_says(void **state)
{
    static const int64_t skews_ms[] = { -3600000, 3600000 };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < sizeof(skews_ms) / sizeof(skews_ms[0]); i++) {
        const struct timeline *timeline;
        struct payment payment;

        ctx->now_ms += skews_ms[i];
        payment = given_a_story(ctx);
        timeline = read(ctx, &payment);
        assert_true(place_of(timeline, "pending to processing by checkout")
                    < place_of(timeline, "charge of 99.99 USD"));
        ctx->now_ms -= skews_ms[i];
    }
}

static void a_timeline_holds_no_personal_data(void **state)
{
    struct payment payment = given_a_story(*state);
    const struct timeline_item *call = find(read(*state, &payment), "provider_call");

    assert_null(strstr(call->request_body, "alice"));
    assert_null(strstr(call->request_body, "Alice"));
    assert_null(strstr(call->details, "alice"));
    assert_non_null(strstr(call->details, "\"looks\" : 0"));
    assert_non_null(strstr(call->details, "\"maybeExecuted\" : true"));
    assert_non_null(strstr(call->request_body, "mode=payment&customer_email=***"));
    assert_non_null(strstr(call->request_body, "[unit_amount]=9999"));
}

static void somebody_elses_timeline_is_missing(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_a_story(ctx);
    struct timeline *timeline = arena_alloc(ctx->arena, sizeof(*timeline));

    ctx->actor = (struct actor) { ROLE_USER, "mallory", ACTOR_CALLER };
    assert_int_equal(get_timeline(ctx, payment.id.text, timeline)->type, PROBLEM_NOT_FOUND);
    ctx->actor = (struct actor) { ROLE_ADMIN, "root", ACTOR_CALLER };
    assert_ok(get_timeline(ctx, payment.id.text, timeline));
}

/* --- Review -------------------------------------------------------------------------------- */

static struct payment given_a_payment_under_review(struct ctx *ctx)
{
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    payment.needs_review = true;
    snprintf(payment.review_reason, sizeof(payment.review_reason), "The amount is another.");
    given_facts(ctx, &payment, payment.facts);
    return payment;
}

static bool is_listed(struct ctx *ctx, const struct payment *payment, enum wanted wanted)
{
    struct payment_query query = { .needs_review = wanted, .limit = 100 };
    struct payment_page page;

    assert_ok(list_payments(ctx, &query, &page));
    for (int i = 0; i < page.count; i++)
        if (strcmp(page.payments[i].id.text, payment->id.text) == 0)
            return true;
    return false;
}

static void a_review_takes_the_question_off_and_keeps_its_reason(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_a_payment_under_review(ctx);
    struct answer answer;

    ctx->actor = (struct actor) { ROLE_ADMIN, "root", ACTOR_CALLER };
    assert_true(is_listed(ctx, &payment, WANTED_YES));
    assert_ok(dismiss_review(ctx, &payment, "The bank confirmed it.", &answer));
    assert_int_equal(answer.http_status, 200);
    assert_false(is_listed(ctx, &payment, WANTED_YES));
    assert_true(is_listed(ctx, &payment, WANTED_NO));
    assert_string_equal(sql_text("SELECT review_reason FROM payapi.payments WHERE payment_id = '%s'",
                                 payment.id.text), "The amount is another.");
    assert_string_equal(sql_text("SELECT body::json->>'reason' FROM payapi.audit_log"
                                 " WHERE payment_id = '%s' AND action = 'reviewed'"
                                 " AND actor = 'admin:root'", payment.id.text),
                        "The bank confirmed it.");
}

static void a_second_review_is_refused(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_a_payment_under_review(ctx);
    const struct problem *problem;
    struct answer answer;

    ctx->actor = (struct actor) { ROLE_ADMIN, "root", ACTOR_CALLER };
    assert_ok(dismiss_review(ctx, &payment, "seen", &answer));
    problem = dismiss_review(ctx, &payment, "seen", &answer);
    assert_int_equal(problem->type, PROBLEM_INVALID_PAYMENT_STATE);
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.audit_log WHERE payment_id = '%s'"
                                " AND action = 'reviewed'", payment.id.text), 1);
}

static void the_reviewer_is_named_to_admins_only(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_a_payment_under_review(ctx);
    struct answer answer;

    ctx->actor = (struct actor) { ROLE_ADMIN, "root", ACTOR_CALLER };
    assert_ok(dismiss_review(ctx, &payment, "Bob called", &answer));
    assert_non_null(strstr(find(read(ctx, &payment), "operator")->details, "Bob called"));
    assert_non_null(strstr(find(read(ctx, &payment), "operator")->details, "admin:root"));
    ctx->actor = (struct actor) { ROLE_USER, "alice", ACTOR_CALLER };
    assert_null(strstr(find(read(ctx, &payment), "operator")->details, "Bob"));
    assert_null(strstr(find(read(ctx, &payment), "operator")->details, "root"));
    assert_null(strstr(find(read(ctx, &payment), "operator")->summary, "root"));
}

static void payments_are_listed_by_status_and_page_by_page(void **state)
{
    struct ctx *ctx = *state;
    struct payment older = given_a_payment_under_review(ctx), newer;
    struct payment_query query = { .needs_review = WANTED_YES, .status = "pending", .limit = 1 };
    struct payment_page page;

    ctx->now_ms += 5;
    newer = given_a_payment_under_review(ctx);
    assert_ok(list_payments(ctx, &query, &page));
    assert_true(page.more);
    assert_string_equal(page.payments[0].id.text, newer.id.text);
    query.after_id = newer.id.text;
    assert_ok(list_payments(ctx, &query, &page));
    assert_string_equal(page.payments[0].id.text, older.id.text);
    query.status = "completed";
    assert_ok(list_payments(ctx, &query, &page));
    assert_int_equal(page.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_timeline_is_in_order_and_one_round_trip),
        TEST(causes_come_first_whatever_our_clock_says),
        TEST(a_timeline_holds_no_personal_data),
        TEST(somebody_elses_timeline_is_missing),
        TEST(a_review_takes_the_question_off_and_keeps_its_reason),
        TEST(a_second_review_is_refused),
        TEST(the_reviewer_is_named_to_admins_only),
        TEST(payments_are_listed_by_status_and_page_by_page),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store timeline and review", tests, NULL, NULL);
}
