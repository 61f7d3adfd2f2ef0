/*
 * pull_events: what was never delivered is read from the provider's own list, and nothing happens twice.
 */
#include "given.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "application/inbox/pull_events.h"

#define EVENTS_MAX 64
#define PAGE       2            /* of the scripted list */

static struct provider listing;                 /* fake_stripe, which has a list of events */
static int event_count;                         /* evt_1 is the oldest, each captures a payment */
static struct payment payments[EVENTS_MAX];
static int64_t newest_s, asked_since_s;
static char asked_after[32];
static int http_status, page_count, unreadable;
static struct pull_report report;

/* --- The provider: newest first, "N" says that the page ended with event N ------------------- */

static const struct problem *write_list_events(struct ctx *ctx, int64_t since_s, const char *after,
                                               struct provider_request *request_out)
{
    asked_since_s = since_s;
    snprintf(asked_after, sizeof(asked_after), "%s", after);
    *request_out = (struct provider_request) { .operation = OP_LIST_EVENTS, .method = "GET",
                                               .path = arena_strdup(ctx->arena, after),
                                               .idempotency_key = "" };
    return OK;
}

static void call(struct ctx *ctx, const struct provider *provider,
                 const struct provider_request *request, struct provider_reply *reply_out)
{
    (void) provider;
    assert_false(fake_store_in_transaction(ctx->store));
    fake_crash_point();
    page_count++;
    *reply_out = (struct provider_reply) { .http_status = http_status, .sent = true,
                                           .complete = true, .request_id = "", .error = "",
                                           .body = bytes_of(request->path) };
}

static bool read_event_list(struct ctx *ctx, const char *after, const struct provider_reply *reply,
                            struct provider_event_page *page_out)
{
    int from = reply->body.size > 0 ? atoi(reply->body.data) - 1 : event_count;
    struct provider_event_page page = { .after = "" };

    assert_string_equal(after, asked_after);
    if (reply->http_status != 200)
        return false;
    for (int at = from; at > 0 && page.count < PAGE; at--)
        page.bodies[page.count++] = bytes_of(arena_printf(ctx->arena, "%d", at));
    if (page.count > 0 && from == event_count)
        page.newest_s = newest_s;
    if (from > PAGE)
        page.after = arena_printf(ctx->arena, "%d", from - PAGE + 1);
    *page_out = page;
    return true;
}

static const struct problem *read_webhook(struct ctx *ctx, struct bytes raw_body,
                                          struct provider_event *event_out)
{
    int number = atoi(raw_body.data);

    if (number == unreadable)
        return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST, "This is no event.");
    *event_out = captured_event(arena_printf(ctx->arena, "evt_%d", number), &payments[number]);
    return OK;
}

/* --- The world ----------------------------------------------------------------------------- */

static int set_up(void **state)
{
    set_up_world(state);
    listing = fake_stripe;
    listing.call = call;
    listing.read_webhook = read_webhook;
    listing.write_list_events = write_list_events;
    listing.read_event_list = read_event_list;
    event_count = page_count = unreadable = 0;
    http_status = 200;
    newest_s = NOW_MS / 1000 - 5;
    return 0;
}

static void given_events(int count)
{
    for (int at = 1; at <= count; at++) {
        char id[16];

        snprintf(id, sizeof(id), "order-%d", at);
        given_an_order(id, "alice", (struct money) { 1000 + at, "USD" });
        checkout_answer("alice", id, NULL);
        payments[at] = *last_payment();
    }
    event_count = count;
}

static struct ctx *a_job(void)
{
    static const struct provider *providers[2];
    struct ctx *ctx = given_a_request_of("jobs");

    providers[0] = &listing;
    *ctx = (struct ctx) { .arena = ctx->arena, .store = ctx->store, .providers = providers,
                          .settings = ctx->settings, .now_ms = ctx->now_ms,
                          .trace_id = ctx->trace_id, .method = "", .path = "",
                          .actor = { ROLE_NONE, "pull:stripe", ACTOR_PULL } };
    return ctx;
}

static enum pull_result pull(bool now)
{
    assert_null(pull_events(a_job(), &listing, now, PULL_OVERLAP_S, &report));
    return report.result;
}

static const struct fake_cursor *the_cursor(void)
{
    return &fake_store_tables(the_store)->cursor;
}

static void assert_all_paid_once(void)
{
    for (int at = 0; at < payment_count(); at++)
        assert_int_equal(fake_store_tables(the_store)->payments[at].status, PAYMENT_COMPLETED);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_COMPLETED),
                     event_count);
    assert_int_equal(fake_store_tables(the_store)->webhook_count, event_count);
    fake_store_check_invariants(the_store);
}

/* --- Pulled -------------------------------------------------------------------------------- */

static void every_page_is_read_and_every_event_applied(void **state)
{
    (void) state;
    given_events(5);
    assert_int_equal(pull(false), PULL_CAUGHT_UP);

    assert_int_equal(page_count, 3);
    assert_int_equal(report.listed, 5);
    assert_int_equal(report.missed, 5);
    assert_all_paid_once();
    assert_int_equal(the_cursor()->pulled_to_s, newest_s);
    assert_string_equal(the_cursor()->page_after, "");
}

static void what_was_delivered_is_not_applied_again(void **state)
{
    (void) state;
    given_events(3);
    given_the_webhook(captured_event("evt_2", &payments[2]), WEBHOOK_APPLIED);
    pull(false);

    assert_int_equal(report.listed, 3);
    assert_int_equal(report.missed, 2);
    assert_all_paid_once();
    assert_int_equal(pull(true), PULL_CAUGHT_UP);
    assert_int_equal(report.missed, 0);
    assert_all_paid_once();
}

static void the_next_reading_begins_a_little_before_the_last_one_ended(void **state)
{
    (void) state;
    given_events(1);
    pull(false);
    pull(true);
    assert_int_equal(asked_since_s, newest_s - PULL_OVERLAP_S);
}

static void it_is_due_again_after_the_interval(void **state)
{
    (void) state;
    assert_int_equal(pull(false), PULL_CAUGHT_UP);
    assert_int_equal(pull(false), PULL_NOT_DUE);
    given_time_passes(a_job()->settings->events_pull_interval_s);
    assert_int_equal(pull(false), PULL_CAUGHT_UP);
}

static void an_event_beyond_our_clock_does_not_make_the_cursor_run_ahead(void **state)
{
    (void) state;
    given_events(1);
    newest_s = NOW_MS / 1000 + 86400;
    pull(false);
    assert_int_equal(the_cursor()->pulled_to_s, NOW_MS / 1000);
}

static void a_cursor_ahead_of_our_clock_is_taken_back(void **state)
{
    (void) state;
    given_events(1);
    fake_store_tables(the_store)->cursor = (struct fake_cursor) {
        .fence = 1, .pulled_to_s = NOW_MS / 1000 + 86400,
    };
    pull(false);
    assert_int_equal(asked_since_s, NOW_MS / 1000 - PULL_OVERLAP_S);
    assert_int_equal(the_cursor()->pulled_to_s, NOW_MS / 1000);
}

static void a_long_list_is_read_in_several_turns_without_a_page_twice(void **state)
{
    (void) state;
    given_events(2 * PULL_PAGES_AT_ONCE + 3);
    assert_int_equal(pull(false), PULL_GOES_ON);
    assert_int_equal(page_count, PULL_PAGES_AT_ONCE);
    assert_true(the_cursor()->pulled_to_s < newest_s);

    assert_int_equal(pull(false), PULL_CAUGHT_UP);
    assert_int_equal(page_count, PULL_PAGES_AT_ONCE + 2);
    assert_int_equal(the_cursor()->pulled_to_s, newest_s);
    assert_all_paid_once();
}

static void an_event_that_cannot_be_read_holds_the_others_not_up(void **state)
{
    (void) state;
    given_events(3);
    unreadable = 2;
    assert_int_equal(pull(false), PULL_CAUGHT_UP);
    assert_int_equal(report.listed, 3);
    assert_int_equal(report.missed, 2);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_PAYMENT_COMPLETED), 2);
}

/* --- A list of objects instead of events ------------------------------------------------------ */

static int64_t days_back(void)
{
    return (a_job()->now_ms / 1000 - asked_since_s) / 86400;
}

static void a_list_of_objects_is_read_far_back_once_a_day(void **state)
{
    (void) state;
    listing.lists_what_was_made = true;
    given_events(3);
    assert_int_equal(pull(false), PULL_CAUGHT_UP);
    assert_int_equal(days_back(), PULL_DEEP_DAYS);
    assert_int_equal(pull(true), PULL_CAUGHT_UP);
    assert_int_equal(asked_since_s, newest_s - PULL_OVERLAP_OF_MADE_S);

    given_time_passes(PULL_DEEP_EVERY_S);
    pull(false);
    assert_int_equal(days_back(), PULL_DEEP_DAYS);
    pull(true);
    assert_int_equal(days_back(), 1);           /* the newest that it lists was made a day ago */
}

static void a_reading_far_back_that_was_cut_off_goes_on_as_one(void **state)
{
    (void) state;
    listing.lists_what_was_made = true;
    given_events(2 * PULL_PAGES_AT_ONCE + 3);
    assert_int_equal(pull(false), PULL_GOES_ON);
    assert_int_equal(pull(false), PULL_CAUGHT_UP);
    assert_int_equal(days_back(), PULL_DEEP_DAYS);
    assert_int_equal(pull(true), PULL_GOES_ON);
    assert_int_equal(days_back(), 0);
    assert_all_paid_once();
}

static void a_list_of_events_is_not_read_far_back(void **state)
{
    (void) state;
    given_events(1);
    pull(false);
    assert_int_equal(days_back(), 0);
}

/* --- Not pulled ---------------------------------------------------------------------------- */

static void without_an_answer_the_cursor_stays_and_it_is_asked_soon(void **state)
{
    int64_t before_s;
    (void) state;

    given_events(1);
    http_status = 503;
    assert_int_equal(pull(false), PULL_NO_ANSWER);
    before_s = the_cursor()->pulled_to_s;
    given_time_passes(PULL_RETRY_S);
    http_status = 200;
    assert_true(before_s < newest_s);
    assert_int_equal(pull(false), PULL_CAUGHT_UP);
    assert_all_paid_once();
}

static void a_place_that_is_no_longer_listed_is_given_up(void **state)
{
    (void) state;
    given_events(2 * PULL_PAGES_AT_ONCE + 3);
    pull(false);
    http_status = 404;
    assert_int_equal(pull(false), PULL_NO_ANSWER);
    assert_string_not_equal(asked_after, "");
    given_time_passes(PULL_RETRY_S);
    http_status = 200;
    while (pull(false) == PULL_GOES_ON)
        continue;
    assert_all_paid_once();
}

static void one_runner_reads_at_a_time(void **state)
{
    (void) state;
    given_events(1);
    fake_store_tables(the_store)->cursor.lease_until_ms = NOW_MS + 1;
    assert_int_equal(pull(true), PULL_NOT_DUE);
    assert_int_equal(page_count, 0);
}

/* --- Crashes ------------------------------------------------------------------------------- */

static bool pull_until(int nth)
{
    struct ctx *ctx = a_job();
    bool survived = SURVIVES(nth, pull_events(ctx, &listing, false, PULL_OVERLAP_S, &report));

    fake_store_reconnect(the_store);
    return survived;
}

static void a_crash_at_any_step_loses_and_doubles_nothing(void **state)
{
    bool ended = false;

    for (int nth = 1; !ended; nth++) {
        set_up(state);
        given_events(5);
        ended = pull_until(nth);
        given_time_passes(PULL_LEASE_S + 1);
        assert_int_equal(pull(true), PULL_CAUGHT_UP);
        assert_all_paid_once();
        assert_int_equal(the_cursor()->pulled_to_s, newest_s);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_page_is_read_and_every_event_applied),
        TEST(what_was_delivered_is_not_applied_again),
        TEST(the_next_reading_begins_a_little_before_the_last_one_ended),
        TEST(it_is_due_again_after_the_interval),
        TEST(an_event_beyond_our_clock_does_not_make_the_cursor_run_ahead),
        TEST(a_cursor_ahead_of_our_clock_is_taken_back),
        TEST(a_long_list_is_read_in_several_turns_without_a_page_twice),
        TEST(an_event_that_cannot_be_read_holds_the_others_not_up),
        TEST(a_list_of_objects_is_read_far_back_once_a_day),
        TEST(a_reading_far_back_that_was_cut_off_goes_on_as_one),
        TEST(a_list_of_events_is_not_read_far_back),
        TEST(without_an_answer_the_cursor_stays_and_it_is_asked_soon),
        TEST(a_place_that_is_no_longer_listed_is_given_up),
        TEST(one_runner_reads_at_a_time),
        TEST(a_crash_at_any_step_loses_and_doubles_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
