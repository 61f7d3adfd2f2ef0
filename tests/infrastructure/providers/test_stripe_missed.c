/*
 * The session behind an event of a payment that we lost, and the list of what was not delivered.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "infrastructure/providers/stripe_fixture.h"

static struct provider_event event;
static struct provider_request request;
static struct provider_adopted adopted;
static struct provider_event_page page;

static int set_up(void **state)
{
    fixture_reset(state);
    event = (struct provider_event) { .kind = PROVIDER_EVENT_PAYMENT };
    adopted = (struct provider_adopted) { .created_s = 0 };
    return 0;
}

static struct provider_reply answered(struct bytes body)
{
    return (struct provider_reply) { .http_status = 200, .sent = true, .complete = true,
                                     .should_retry = -1, .request_id = "req_1", .error = "",
                                     .body = body };
}

static void names(const char *ref, const char *intent)
{
    snprintf(event.payment.ref, sizeof(event.payment.ref), "%s", ref);
    snprintf(event.payment.intent, sizeof(event.payment.intent), "%s", intent);
}

#define SESSION(metadata, more) \
    "{\"id\":\"cs_1\",\"object\":\"checkout.session\",\"created\":1767225600,\"expires_at\":1767229200," \
    "\"livemode\":false,\"status\":\"complete\",\"payment_status\":\"paid\",\"amount_total\":9999," \
    "\"currency\":\"usd\",\"payment_intent\":{\"id\":\"pi_1\",\"object\":\"payment_intent\"}," \
    "\"metadata\":{" metadata "}" more "}"
#define OURS "\"payment_id\":\"" FIXTURE_PAYMENT_ID "\",\"order_id\":\"abc-123\""
#define LIST(entries, more) "{\"object\":\"list\",\"has_more\":" more ",\"data\":[" entries "]}"

/* --- Which object -------------------------------------------------------------------------- */

static void a_session_is_asked_for_by_its_id(void **state)
{
    (void) state;
    names("cs_1", "pi_1");
    assert_null(given_stripe()->write_adopt(given_a_ctx(), &event, &request));
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.path, "/v1/checkout/sessions/cs_1?expand[0]=payment_intent");
    assert_string_equal(request.idempotency_key, "");
}

static void an_intent_leads_to_its_session(void **state)
{
    (void) state;
    names("", "pi_1");
    assert_null(given_stripe()->write_adopt(given_a_ctx(), &event, &request));
    assert_string_equal(request.path,
                        "/v1/checkout/sessions?payment_intent=pi_1&expand[0]=data.payment_intent");
}

static void an_event_that_names_neither_cannot_be_asked_about(void **state)
{
    (void) state;
    assert_non_null(given_stripe()->write_adopt(given_a_ctx(), &event, &request));
}

/* --- What it says -------------------------------------------------------------------------- */

static enum provider_adoption read_body(const char *body)
{
    struct provider_reply reply = answered(bytes_of(body));

    return given_stripe()->read_adopted(given_a_ctx(), given_stripe(), &event, &reply, &adopted);
}

static void our_session_tells_all_that_the_rows_need(void **state)
{
    (void) state;
    names("cs_1", "");
    assert_int_equal(read_body(SESSION(OURS, "")), ADOPTION_CLAIMED);

    assert_string_equal(adopted.payment.order_id.text, "abc-123");
    assert_string_equal(adopted.payment.payment_id.text, FIXTURE_PAYMENT_ID);
    assert_string_equal(adopted.payment.ref, "cs_1");
    assert_string_equal(adopted.payment.intent, "pi_1");
    assert_int_equal(adopted.payment.amount_minor, 9999);
    assert_int_equal(adopted.payment.facts.captured_minor, 9999);
    assert_string_equal(adopted.payment.currency, "USD");
    assert_int_equal(adopted.created_s, 1767225600);
    assert_int_equal(adopted.expires_s, 1767229200);
}

static void the_same_stands_in_the_list_of_an_intent(void **state)
{
    (void) state;
    names("", "pi_1");
    assert_int_equal(read_body(LIST(SESSION(OURS, ""), "false")), ADOPTION_CLAIMED);
    assert_string_equal(adopted.payment.ref, "cs_1");
}

static void metadata_that_is_not_of_our_form_is_somebody_elses(void **state)
{
    static const char *const bodies[] = {
        SESSION("", ""), SESSION("\"payment_id\":\"4711\",\"order_id\":\"abc-123\"", ""),
        SESSION("\"payment_id\":\"" FIXTURE_PAYMENT_ID "\"", ""),
        SESSION("\"payment_id\":\"" FIXTURE_PAYMENT_ID "\",\"order_id\":\"a/b\"", ""),
        SESSION("\"payment_id\":5,\"order_id\":7", ""),
    };
    (void) state;

    names("cs_1", "");
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_int_equal(read_body(bodies[i]), ADOPTION_NOT_OURS);
}

static void an_intent_without_a_session_is_somebody_elses_unless_it_carries_our_id(void **state)
{
    (void) state;
    names("", "pi_1");
    assert_int_equal(read_body(LIST("", "false")), ADOPTION_NOT_OURS);
    assert_int_equal(read_body(LIST("", "true")), ADOPTION_UNTOLD);
    snprintf(event.payment.payment_id.text, sizeof(event.payment.payment_id.text), "%s",
             FIXTURE_PAYMENT_ID);
    assert_int_equal(read_body(LIST("", "false")), ADOPTION_UNTOLD);
}

static void what_is_not_the_object_that_was_asked_for_tells_nothing(void **state)
{
    static const char *const bodies[] = {
        "", "<html>", "{}", "{\"object\":\"list\"}", "{\"object\":\"list\",\"data\":[7]}",
        "{\"object\":\"charge\",\"id\":\"cs_1\"}",
        "{\"id\":\"cs_1\",\"object\":\"checkout.session\",\"metadata\":{" OURS "}}",
    };
    (void) state;

    names("cs_1", "");
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_int_not_equal(read_body(bodies[i]), ADOPTION_CLAIMED);
    names("cs_2", "");
    assert_int_equal(read_body(SESSION(OURS, "")), ADOPTION_UNTOLD);
    names("", "pi_2");
    assert_int_equal(read_body(LIST(SESSION(OURS, ""), "false")), ADOPTION_UNTOLD);
}

static void an_answer_that_is_not_whole_or_no_success_tells_nothing(void **state)
{
    struct provider_reply reply = answered(bytes_of(SESSION(OURS, "")));
    (void) state;

    names("cs_1", "");
    reply.complete = false;
    assert_int_equal(given_stripe()->read_adopted(given_a_ctx(), given_stripe(), &event, &reply,
                                                  &adopted), ADOPTION_UNTOLD);
    reply.complete = true;
    reply.http_status = 404;
    assert_int_equal(given_stripe()->read_adopted(given_a_ctx(), given_stripe(), &event, &reply,
                                                  &adopted), ADOPTION_UNTOLD);
}

/* --- The list of events -------------------------------------------------------------------- */

#define EVENT(id, created, type) \
    "{\"id\":\"" id "\",\"object\":\"event\",\"created\":" created ",\"livemode\":false,\"type\":\"" type \
    "\",\"data\":{\"object\":{\"id\":\"x\"}}}"

static bool read_list(const char *body)
{
    struct provider_reply reply = answered(bytes_of(body));

    return given_stripe()->read_event_list(given_a_ctx(), "", &reply, &page);
}

static void the_list_is_asked_for_from_a_time_on_and_page_by_page(void **state)
{
    (void) state;
    assert_null(given_stripe()->write_list_events(given_a_ctx(), 1767225600, "", &request));
    assert_int_equal(strncmp(request.path, "/v1/events?limit=100&created[gte]=1767225600&types[]=", 53), 0);
    assert_null(given_stripe()->write_list_events(given_a_ctx(), 1767225600, "evt_9", &request));
    assert_non_null(strstr(request.path, "&starting_after=evt_9&"));
}

/* Stripe takes 20 at most, and no wildcards. */
static void every_type_that_is_asked_for_is_understood(void **state)
{
    const char *at;
    int count = 0;
    (void) state;

    assert_null(given_stripe()->write_list_events(given_a_ctx(), 0, "", &request));
    for (at = strstr(request.path, "types[]="); at != NULL; at = strstr(at + 1, "types[]=")) {
        struct provider_event read;
        char type[64];

        assert_int_equal(sscanf(at, "types[]=%63[^&]", type), 1);
        assert_null(given_stripe()->read_webhook(given_a_ctx(), given_text(
            "{\"id\":\"evt_1\",\"object\":\"event\",\"created\":1,\"type\":\"%s\",\"data\":{}}", type),
            &read));
        assert_int_not_equal(read.kind, PROVIDER_EVENT_UNUSED);
        assert_null(strchr(type, '*'));
        count++;
    }
    assert_in_range(count, 19, 20);
}

static void each_event_is_a_body_of_its_own_that_the_reader_understands(void **state)
{
    struct provider_event read;
    (void) state;

    assert_true(read_list(LIST(EVENT("evt_2", "12", "payment_intent.succeeded") ","
                               EVENT("evt_1", "11", "refund.created"), "true")));
    assert_int_equal(page.count, 2);
    assert_int_equal(page.newest_s, 12);
    assert_string_equal(page.after, "evt_1");
    assert_null(given_stripe()->read_webhook(given_a_ctx(), page.bodies[1], &read));
    assert_string_equal(read.id, "evt_1");
    assert_string_equal(read.type, "refund.created");
}

static void the_last_page_says_so(void **state)
{
    (void) state;
    assert_true(read_list(LIST(EVENT("evt_2", "12", "x"), "false")));
    assert_string_equal(page.after, "");
    assert_true(read_list(LIST("", "false")));
    assert_int_equal(page.count, 0);
    assert_int_equal(page.newest_s, 0);
}

/* A NUL or half a character in a name, or anything else: it is passed on as it came, and so are the others. */
static void one_odd_event_does_not_stop_the_list(void **state)
{
    struct provider_event read;
    struct provider_reply reply = answered(given_document("event-list-odd"));
    (void) state;

    assert_true(given_stripe()->read_event_list(given_a_ctx(), "", &reply, &page));
    assert_int_equal(page.count, 2);
    assert_non_null(memmem(page.bodies[0].data, page.bodies[0].size, "Ann\\u0000a", 10));
    assert_null(given_stripe()->read_webhook(given_a_ctx(), page.bodies[0], &read));
    assert_null(given_stripe()->read_webhook(given_a_ctx(), page.bodies[1], &read));
    assert_int_equal(read.payment.facts.captured_minor, 9999);

    assert_true(read_list(LIST(EVENT("evt_2", "12", "x") ",7," EVENT("evt_1", "11", "x") ",{\"id\":\"a\",\"id\":\"b\"}",
                               "true")));
    assert_int_equal(page.count, 4);
    assert_int_equal(page.newest_s, 12);
    assert_string_equal(page.after, "evt_1");
    assert_non_null(given_stripe()->read_webhook(given_a_ctx(), page.bodies[1], &read));
}

static void what_is_no_list_of_events_is_not_taken_for_its_end(void **state)
{
    static const char *const bodies[] = {
        "", "{}", "[]", "{\"object\":\"list\"}", "{\"object\":\"list\",\"data\":[]}",
        LIST("", "true"), LIST("7", "true"), LIST("{\"created\":7}", "true"), "{\"error\":{\"type\":\"api_error\"}}",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_false(read_list(bodies[i]));
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_session_is_asked_for_by_its_id),
        TEST(an_intent_leads_to_its_session),
        TEST(an_event_that_names_neither_cannot_be_asked_about),
        TEST(our_session_tells_all_that_the_rows_need),
        TEST(the_same_stands_in_the_list_of_an_intent),
        TEST(metadata_that_is_not_of_our_form_is_somebody_elses),
        TEST(an_intent_without_a_session_is_somebody_elses_unless_it_carries_our_id),
        TEST(what_is_not_the_object_that_was_asked_for_tells_nothing),
        TEST(an_answer_that_is_not_whole_or_no_success_tells_nothing),
        TEST(the_list_is_asked_for_from_a_time_on_and_page_by_page),
        TEST(every_type_that_is_asked_for_is_understood),
        TEST(each_event_is_a_body_of_its_own_that_the_reader_understands),
        TEST(the_last_page_says_so),
        TEST(one_odd_event_does_not_stop_the_list),
        TEST(what_is_no_list_of_events_is_not_taken_for_its_end),
    };

    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
