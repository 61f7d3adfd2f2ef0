#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "infrastructure/providers/stripe_fixture.h"

static struct provider_event event;

static const struct problem *read_webhook(struct bytes body)
{
    memset(&event, 0xa5, sizeof(event));
    return given_stripe()->read_webhook(given_a_ctx(), body, &event);
}

static void read_document(const char *name)
{
    assert_null(read_webhook(given_document(name)));
}

static void read_changed(const char *name, const char *member, const char *value)
{
    const char *const path[] = { "data", "object", member, NULL };

    assert_null(read_webhook(given_document_with(name, path, value)));
}

static void assert_kind(enum provider_event_kind kind)
{
    assert_int_equal(event.kind, kind);
}

static void assert_payment(const char *ref, const char *intent)
{
    assert_kind(PROVIDER_EVENT_PAYMENT);
    assert_string_equal(event.id, "evt_1Abc");
    assert_int_equal(event.created_s, 1767225800);
    assert_string_equal(event.payment.payment_id.text, FIXTURE_PAYMENT_ID);
    assert_string_equal(event.payment.ref, ref);
    assert_string_equal(event.payment.intent, intent);
    assert_int_equal(event.payment.amount_minor, 9999);
    assert_string_equal(event.payment.currency, "USD");
    assert_false(event.payment.facts.mismatch);
}

static void assert_facts(int64_t captured_minor, enum payment_close closed,
                         enum payment_progress progress)
{
    const struct payment_facts *facts = &event.payment.facts;

    assert_int_equal(facts->captured_minor, captured_minor);
    assert_int_equal(facts->closed, closed);
    assert_int_equal(facts->snapshot.progress, progress);
    assert_int_equal(facts->snapshot.at_s, progress != PROGRESS_NONE ? 1767225800 : 0);
    assert_int_equal(facts->refunded_minor, 0);
}

/* --- What each event tells ----------------------------------------------------------------- */

static void a_completed_session_that_is_paid_is_money_captured(void **state)
{
    (void) state;

    read_document("event-session-paid");

    assert_payment("cs_test_a1B2c3", "pi_3Abc");
    assert_string_equal(event.type, "checkout.session.completed");
    assert_facts(9999, PAYMENT_OPEN, PROGRESS_NONE);
}

static void a_completed_session_that_is_unpaid_is_under_way(void **state)
{
    (void) state;

    read_document("event-session-unpaid");

    assert_payment("cs_test_a1B2c3", "pi_3Abc");
    assert_facts(0, PAYMENT_OPEN, PROGRESS_PROCESSING);
}

static void an_asynchronous_payment_that_succeeded_is_money_captured(void **state)
{
    (void) state;

    read_document("event-session-async-succeeded");

    assert_payment("cs_test_a1B2c3", "pi_3Abc");
    assert_facts(9999, PAYMENT_OPEN, PROGRESS_NONE);
}

/* The session is complete: it takes no further attempt. */
static void an_asynchronous_payment_that_failed_is_over(void **state)
{
    (void) state;

    read_document("event-session-async-failed");

    assert_payment("cs_test_a1B2c3", "pi_3Abc");
    assert_facts(0, PAYMENT_CLOSED_FAILED, PROGRESS_FAILED);
    assert_string_equal(event.payment.facts.snapshot.failure_code, "payment_failed");
    assert_string_equal(event.payment.facts.snapshot.failure_reason,
                        "The payment did not go through.");
}

static void an_expired_session_is_over(void **state)
{
    (void) state;

    read_document("event-session-expired");

    assert_payment("cs_test_a1B2c3", "");
    assert_facts(0, PAYMENT_CLOSED_EXPIRED, PROGRESS_NONE);
}

static void an_intent_that_succeeded_is_the_money_it_received(void **state)
{
    (void) state;

    read_document("event-intent-succeeded");

    assert_payment("", "pi_3Abc");
    assert_facts(9999, PAYMENT_OPEN, PROGRESS_NONE);
}

static void what_was_received_counts_and_not_what_was_asked(void **state)
{
    (void) state;

    read_changed("event-intent-succeeded", "amount_received", "5000");

    assert_int_equal(event.payment.facts.captured_minor, 5000);
    assert_int_equal(event.payment.amount_minor, 5000);
}

static void an_intent_that_is_processing_is_under_way(void **state)
{
    (void) state;

    read_document("event-intent-processing");

    assert_payment("", "pi_3Abc");
    assert_facts(0, PAYMENT_OPEN, PROGRESS_PROCESSING);
}

static void an_intent_that_requires_action_waits_for_the_payer(void **state)
{
    (void) state;

    read_document("event-intent-requires-action");

    assert_payment("", "pi_3Abc");
    assert_facts(0, PAYMENT_OPEN, PROGRESS_REQUIRES_ACTION);
}

/* The page is still open: another card may succeed on it. */
static void a_failed_attempt_says_why_and_ends_nothing(void **state)
{
    (void) state;

    read_document("event-intent-failed");

    assert_payment("", "pi_3Abc");
    assert_facts(0, PAYMENT_OPEN, PROGRESS_FAILED);
    assert_string_equal(event.payment.facts.snapshot.failure_code, "insufficient_funds");
    assert_string_equal(event.payment.facts.snapshot.failure_reason,
                        "Your card has insufficient funds.");
}

static void a_canceled_intent_is_over(void **state)
{
    (void) state;

    read_document("event-intent-canceled");

    assert_payment("", "pi_3Abc");
    assert_facts(0, PAYMENT_CLOSED_CANCELLED, PROGRESS_NONE);
}

static void an_intent_that_ended_with_its_page_was_cancelled_by_nobody(void **state)
{
    static const struct { const char *reason; enum payment_close closed; } cases[] = {
        { "\"automatic\"", PAYMENT_CLOSED_EXPIRED },     { "\"expired\"", PAYMENT_CLOSED_EXPIRED },
        { "null", PAYMENT_CLOSED_EXPIRED },              { "\"duplicate\"", PAYMENT_CLOSED_CANCELLED },
        { "\"fraudulent\"", PAYMENT_CLOSED_CANCELLED },
        { "\"requested_by_customer\"", PAYMENT_CLOSED_CANCELLED },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        read_changed("event-intent-canceled", "cancellation_reason", cases[i].reason);
        assert_facts(0, cases[i].closed, PROGRESS_NONE);
    }
}

static void a_stolen_card_is_shown_as_an_ordinary_decline(void **state)
{
    (void) state;

    read_changed("event-intent-failed", "last_payment_error",
                 "{\"type\":\"card_error\",\"code\":\"card_declined\","
                 "\"decline_code\":\"stolen_card\",\"message\":\"The card is stolen.\"}");

    assert_string_equal(event.payment.facts.snapshot.failure_code, "card_declined");
    assert_string_equal(event.payment.facts.snapshot.failure_reason, "Your card was declined.");
}

static void assert_kept(const char *document, enum provider_event_kind kind)
{
    read_document(document);

    assert_kind(kind);
    assert_string_equal(event.payment.intent, "pi_3Abc");
    assert_facts(0, PAYMENT_OPEN, PROGRESS_NONE);
    assert_int_equal(event.payment.amount_minor, 0);
}

static void refunded_charges_are_kept_for_later_with_their_intent(void **state)
{
    (void) state;

    assert_kept("event-charge-refunded", PROVIDER_EVENT_LATER);
}

static struct bytes bare(const char *name)
{
    json_t *document = given_json(given_text("documents/%s.json", name).data);
    json_t *object = json_object_get(json_object_get(document, "data"), "object");
    struct bytes bytes;
    char *text;

    (void) json_object_set_new(object, "payment_intent", json_null());
    (void) json_object_set_new(object, "metadata", json_object());
    text = json_dumps(document, JSON_COMPACT);
    bytes = given_text("%s", text);
    free(text);
    return bytes;
}

/* All of ours have an intent: nobody need ask, or raise an alarm about what he never finds. */
static void what_befalls_a_bare_charge_is_another_programs(void **state)
{
    static const char *const documents[] = { "event-refund-created", "event-charge-refunded", "event-dispute-created" };
    (void) state;

    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        assert_null(given_stripe()->read_webhook(given_a_ctx(), bare(documents[i]), &event));
        assert_kind(PROVIDER_EVENT_UNUSED);
        assert_non_null(strstr(event.unused_because, "without a payment intent"));
    }
}

/* --- Disputes ------------------------------------------------------------------------------ */

static void a_dispute_is_read_with_its_payment(void **state)
{
    const struct dispute_facts *facts = &event.dispute.facts;
    (void) state;

    assert_kept("event-dispute-created", PROVIDER_EVENT_DISPUTE);
    assert_string_equal(event.dispute.ref, "dp_1");
    assert_string_equal(event.dispute.intent, "pi_3Abc");
    assert_string_equal(event.dispute.currency, "USD");
    assert_int_equal(facts->at_ms, 1767225800000);
    assert_int_equal(facts->fact.status, DISPUTE_OPEN);
    assert_int_equal(facts->amount_minor, 9999);
    assert_string_equal(facts->provider_status, "needs_response");
    assert_string_equal(facts->reason, "fraudulent");
    assert_int_equal(facts->due_at_s, 1768435199);
    assert_int_equal(facts->withdrawn_minor, 0);
    assert_int_equal(facts->reinstated_minor, 0);
}

/* What an event's own type says of the money, when its object does not. */
static void the_type_of_an_event_tells_which_money_moved(void **state)
{
    static const struct { const char *type; int64_t withdrawn_minor, reinstated_minor; } rows[] = {
        { "\"charge.dispute.updated\"", 0, 0 },
        { "\"charge.dispute.closed\"", 0, 0 },
        { "\"charge.dispute.funds_withdrawn\"", 9999, 0 },
        { "\"charge.dispute.funds_reinstated\"", 9999, 9999 },
    };
    const char *const path[] = { "type", NULL };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_null(read_webhook(given_document_with("event-dispute-created", path, rows[i].type)));
        assert_kind(PROVIDER_EVENT_DISPUTE);
        assert_int_equal(event.dispute.facts.withdrawn_minor, rows[i].withdrawn_minor);
        assert_int_equal(event.dispute.facts.reinstated_minor, rows[i].reinstated_minor);
    }
}

static void a_dispute_of_an_expanded_intent_or_charge_names_its_payment(void **state)
{
    const char *const path[] = { "data", "object", NULL };
    (void) state;

    read_changed("event-dispute-created", "payment_intent",
                 "{\"id\":\"pi_9\",\"object\":\"payment_intent\"}");
    assert_string_equal(event.payment.intent, "pi_9");
    assert_null(read_webhook(given_document_with("event-dispute-created", path,
        "{\"id\":\"dp_1\",\"object\":\"dispute\",\"amount\":9999,\"currency\":\"usd\","
        "\"status\":\"lost\",\"payment_intent\":null,"
        "\"charge\":{\"id\":\"ch_1\",\"payment_intent\":\"pi_8\"}}")));
    assert_kind(PROVIDER_EVENT_DISPUTE);
    assert_string_equal(event.payment.intent, "pi_8");
}

static void a_dispute_that_cannot_be_read_is_asked_for(void **state)
{
    static const struct { const char *member, *value; } rows[] = {
        { "status", "\"astonished\"" }, { "status", "null" }, { "amount", "0" },
        { "amount", "-1" }, { "amount", "\"9999\"" }, { "currency", "\"xxx\"" },
        { "id", "null" }, { "object", "\"charge\"" },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_changed("event-dispute-created", rows[i].member, rows[i].value);
        assert_kind(PROVIDER_EVENT_LATER);
        assert_string_equal(event.payment.intent, "pi_3Abc");
    }
}

/* --- Refunds ------------------------------------------------------------------------------- */

static void assert_refund(enum refund_status status)
{
    assert_kind(PROVIDER_EVENT_REFUND);
    assert_string_equal(event.payment.intent, "pi_3Abc");
    assert_string_equal(event.refund.ref, "re_1");
    assert_string_equal(event.refund.intent, "pi_3Abc");
    assert_int_equal(event.refund.amount_minor, 2500);
    assert_string_equal(event.refund.currency, "USD");
    assert_int_equal(event.refund.status, status);
    assert_int_equal(event.more_refund_count, 0);
}

static void a_refund_tells_its_amount_and_status(void **state)
{
    static const char *const types[] = { "\"refund.created\"", "\"refund.updated\"",
                                         "\"refund.failed\"", "\"charge.refund.updated\"" };
    const char *const path[] = { "type", NULL };
    (void) state;

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        assert_null(read_webhook(given_document_with("event-refund-created", path, types[i])));
        assert_refund(REFUND_SUCCEEDED);
        assert_string_equal(event.refund.refund_id.text, "");
        assert_false(event.refund.livemode);
    }
}

static void every_status_of_a_refund_is_known(void **state)
{
    static const struct { const char *theirs; enum refund_status ours; } statuses[] = {
        { "\"pending\"", REFUND_PENDING }, { "\"requires_action\"", REFUND_REQUIRES_ACTION },
        { "\"succeeded\"", REFUND_SUCCEEDED }, { "\"failed\"", REFUND_FAILED },
        { "\"canceled\"", REFUND_CANCELLED },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        read_changed("event-refund-created", "status", statuses[i].theirs);
        assert_refund(statuses[i].ours);
    }
    read_changed("event-refund-created", "failure_reason", "\"lost_or_stolen_card\"");
    assert_string_equal(event.refund.failure_reason, "lost_or_stolen_card");
}

static void a_refund_of_ours_names_itself_and_its_payment(void **state)
{
    (void) state;

    read_changed("event-refund-created", "metadata",
                 "{\"refund_id\":\"ref_01KE0000000000000000000002\","
                 "\"payment_id\":\"" FIXTURE_PAYMENT_ID "\"}");

    assert_refund(REFUND_SUCCEEDED);
    assert_string_equal(event.refund.refund_id.text, "ref_01KE0000000000000000000002");
    assert_string_equal(event.payment.payment_id.text, FIXTURE_PAYMENT_ID);
}

static void a_refund_that_cannot_be_read_is_kept_for_later(void **state)
{
    static const struct { const char *member, *value; } strangers[] = {
        { "amount", NULL }, { "amount", "\"2500\"" }, { "amount", "-1" }, { "amount", "25.5" },
        { "currency", NULL }, { "currency", "\"USD\"" }, { "currency", "\"zzz\"" },
        { "status", NULL }, { "status", "\"cancelled\"" }, { "status", "7" },
        { "id", NULL }, { "id", "7" }, { "object", "\"charge\"" },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        read_changed("event-refund-created", strangers[i].member, strangers[i].value);
        assert_kind(PROVIDER_EVENT_LATER);
        assert_string_equal(event.payment.intent, "pi_3Abc");
    }
}

#define REFUND_JSON(id, amount) \
    "{\"id\":\"" id "\",\"object\":\"refund\",\"amount\":" amount ",\"currency\":\"usd\"," \
    "\"status\":\"succeeded\",\"payment_intent\":\"pi_3Abc\"}"

static void refunds_inside_a_charge_are_each_told(void **state)
{
    (void) state;

    read_changed("event-charge-refunded", "refunds",
                 "{\"object\":\"list\",\"has_more\":false,\"data\":["
                 REFUND_JSON("re_1", "2500") "," REFUND_JSON("re_2", "100") "]}");

    assert_kind(PROVIDER_EVENT_REFUND);
    assert_string_equal(event.refund.ref, "re_1");
    assert_int_equal(event.more_refund_count, 1);
    assert_string_equal(event.more_refunds[0].ref, "re_2");
    assert_int_equal(event.more_refunds[0].amount_minor, 100);
}

static void a_charge_with_a_part_of_its_refunds_is_kept_for_later(void **state)
{
    static const char *const lists[] = {
        "null", "[]", "{}", "{\"object\":\"list\"}", "{\"object\":\"list\",\"data\":[]}",
        "{\"object\":\"list\",\"has_more\":true,\"data\":[" REFUND_JSON("re_1", "2500") "]}",
        "{\"object\":\"list\",\"data\":[" REFUND_JSON("re_1", "2500") ",{}]}",
        "{\"data\":[" REFUND_JSON("re_1", "2500") "]}",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        read_changed("event-charge-refunded", "refunds", lists[i]);
        assert_kind(PROVIDER_EVENT_LATER);
    }
}

static void types_that_tell_us_nothing_are_unused(void **state)
{
    static const char *const types[] = {
        "\"charge.succeeded\"", "\"charge.refund\"", "\"payment_intent.created\"",
        "\"payment_intent.amount_capturable_updated\"", "\"checkout.session.completed.v2\"",
        "\"checkout.session\"", "\"refund\"", "\"\"", "null", "7", NULL,
    };
    const char *const path[] = { "type", NULL };
    (void) state;

    read_document("event-customer-created");
    assert_kind(PROVIDER_EVENT_UNUSED);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        assert_null(read_webhook(given_document_with("event-session-paid", path, types[i])));
        assert_kind(PROVIDER_EVENT_UNUSED);
    }
}

static void a_thin_event_is_unused(void **state)
{
    (void) state;

    read_document("event-thin");

    assert_kind(PROVIDER_EVENT_UNUSED);
    assert_string_equal(event.id, "evt_test_65thin");
    assert_string_equal(event.unused_because, "thin event: it holds no object");
}

/* A connected account's money is not ours, whatever its metadata say. */
static void an_event_of_a_connected_account_is_unused(void **state)
{
    const char *const path[] = { "account", NULL };
    (void) state;

    assert_null(read_webhook(given_document_with("event-session-paid", path, "\"acct_1\"")));

    assert_kind(PROVIDER_EVENT_UNUSED);
    assert_string_equal(event.unused_because, "of a connected account, whose money is not ours");
    assert_int_equal(event.payment.facts.captured_minor, 0);
}

static void the_mode_is_the_events(void **state)
{
    const char *const path[] = { "livemode", NULL };
    (void) state;

    read_document("event-session-paid");
    assert_false(event.livemode);
    assert_null(read_webhook(given_document_with("event-session-paid", path, "true")));
    assert_true(event.livemode);
    assert_true(event.payment.livemode);
}

/* --- References ---------------------------------------------------------------------------- */

static void an_expanded_intent_is_read_as_its_id(void **state)
{
    (void) state;

    read_changed("event-session-paid", "payment_intent",
                 "{\"id\":\"pi_3Abc\",\"object\":\"payment_intent\",\"amount\":1}");

    assert_payment("cs_test_a1B2c3", "pi_3Abc");
}

static void metadata_that_are_not_ours_name_no_payment(void **state)
{
    static const char *const metadata[] = {
        "{}", "null", "[]", "\"x\"", "{\"payment_id\":\"p1\"}", "{\"payment_id\":7}",
        "{\"payment_id\":\"PAY_01KE0000000000000000000001\"}",
        "{\"payment_id\":\"" FIXTURE_PAYMENT_ID "0\"}",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(metadata) / sizeof(metadata[0]); i++) {
        read_changed("event-session-paid", "metadata", metadata[i]);
        assert_string_equal(event.payment.payment_id.text, "");
        assert_string_equal(event.payment.ref, "cs_test_a1B2c3");
    }
}

static void an_id_that_is_too_long_counts_as_absent(void **state)
{
    char value[PROVIDER_REF_MAX + 8];
    (void) state;

    memset(value, 'x', sizeof(value));
    value[0] = '"';
    snprintf(value + PROVIDER_REF_MAX + 1, 2, "\"");
    read_changed("event-session-paid", "payment_intent", value);
    assert_string_equal(event.payment.intent, "");
    snprintf(value + PROVIDER_REF_MAX, 2, "\"");
    read_changed("event-session-paid", "payment_intent", value);
    assert_int_equal(strlen(event.payment.intent), PROVIDER_REF_MAX - 1);
}

/* --- Money that we cannot read ------------------------------------------------------------- */

static void money_without_a_readable_amount_is_kept_for_later(void **state)
{
    static const char *const amounts[] = { NULL, "null", "\"9999\"", "9999.0", "-1", "0",
                                           "9223372036854775807" };
    static const char *const currencies[] = { NULL, "null", "7", "\"\"", "\"USD\"", "\"zzz\"" };
    (void) state;

    for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
        read_changed("event-session-paid", "amount_total", amounts[i]);
        assert_kind(PROVIDER_EVENT_LATER);
        assert_true(event.says_paid);
        assert_facts(0, PAYMENT_OPEN, PROGRESS_NONE);
        read_changed("event-intent-succeeded", "amount_received", amounts[i]);
        assert_kind(PROVIDER_EVENT_LATER);
    }
    for (size_t i = 0; i < sizeof(currencies) / sizeof(currencies[0]); i++) {
        read_changed("event-session-async-succeeded", "currency", currencies[i]);
        assert_kind(PROVIDER_EVENT_LATER);
        assert_string_equal(event.payment.currency, "");
    }
}

static void a_completed_session_of_unknown_payment_status_is_kept_for_later(void **state)
{
    static const char *const statuses[] = { NULL, "\"no_payment_required\"", "\"PAID\"", "true" };
    (void) state;

    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        read_changed("event-session-paid", "payment_status", statuses[i]);
        assert_kind(PROVIDER_EVENT_LATER);
        assert_int_equal(event.payment.facts.captured_minor, 0);
    }
}

static void an_event_about_another_object_than_its_type_says_is_kept_for_later(void **state)
{
    (void) state;

    read_changed("event-intent-succeeded", "object", "\"charge\"");
    assert_kind(PROVIDER_EVENT_LATER);
    read_changed("event-session-expired", "object", NULL);
    assert_kind(PROVIDER_EVENT_LATER);
    assert_int_equal(event.payment.facts.closed, PAYMENT_OPEN);
}

static void what_payers_typed_makes_no_event_unreadable(void **state)
{
    static const char *const documents[] = { "event-nul-in-name", "event-lone-surrogate" };
    (void) state;

    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        assert_null(given_stripe()->read_webhook(given_a_ctx(), given_document(documents[i]), &event));
        assert_kind(PROVIDER_EVENT_PAYMENT);
        assert_facts(9999, PAYMENT_OPEN, PROGRESS_NONE);
        assert_string_equal(event.payment.payment_id.text, FIXTURE_PAYMENT_ID);
    }
}

/* --- What is no event ---------------------------------------------------------------------- */

static void assert_malformed(struct bytes body)
{
    const struct problem *problem = read_webhook(body);

    assert_non_null(problem);
    assert_int_equal(problem->type, PROBLEM_MALFORMED_REQUEST);
}

static void what_is_no_event_is_malformed(void **state)
{
    static const char *const bodies[] = {
        "", " ", "null", "[]", "7", "\"evt_1\"", "{}", "{\"id\":\"evt_1\"}",
        "{\"object\":\"event\"}",
        "{\"id\":7,\"object\":\"event\"}", "{\"id\":\"\",\"object\":\"event\"}",
        "{\"id\":\"evt_1\",\"object\":\"charge\"}", "{\"id\":\"evt_1\",\"object\":\"event\"} x",
        "\xef\xbb\xbf{\"id\":\"evt_1\",\"object\":\"event\"}",
        "{\"id\":\"evt_1\",\"id\":\"evt_2\",\"object\":\"event\"}",
        "{\"id\":\"evt_\\u0000\",\"object\":\"event\"}", "{\"id\":\"\xff\",\"object\":\"event\"}",
        "{\"id\":\"evt_1\",\"object\":\"event\",\"x\":1e400}", "<xml/>", "id=evt_1&object=event",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_malformed(bytes_of(bodies[i]));
    assert_malformed((struct bytes) { NULL, 0 });
    assert_malformed((struct bytes) { "{\"id\":\"evt_1\",\0\"object\":\"event\"}", 33 });
}

static void the_smallest_event_is_an_event(void **state)
{
    (void) state;

    assert_null(read_webhook(bytes_of("{\"id\":\"evt_test_webhook\",\"object\":\"event\"}")));

    assert_kind(PROVIDER_EVENT_UNUSED);
    assert_string_equal(event.id, "evt_test_webhook");
    assert_string_equal(event.type, "");
    assert_int_equal(event.created_s, 0);
}

static void an_event_id_that_cannot_be_kept_is_refused(void **state)
{
    struct ctx *ctx = given_a_ctx();
    char *id = arena_alloc(ctx->arena, PROVIDER_EVENT_ID_MAX + 1);
    (void) state;

    memset(id, 'x', PROVIDER_EVENT_ID_MAX);
    assert_malformed(given_text("{\"id\":\"%s\",\"object\":\"event\"}", id));
    id[PROVIDER_EVENT_ID_MAX - 1] = '\0';
    assert_null(read_webhook(given_text("{\"id\":\"%s\",\"object\":\"event\"}", id)));
    assert_string_equal(event.id, id);
}

static void no_cut_event_is_taken_for_one(void **state)
{
    const struct bytes whole = given_document("event-intent-succeeded");
    (void) state;

    for (size_t size = 0; size < whole.size - 2; size++)
        assert_malformed((struct bytes) { whole.data, size });
}

static struct bytes nested(int depth)
{
    struct ctx *ctx = given_a_ctx();
    char *brackets = arena_alloc(ctx->arena, (size_t) depth * 2 + 1);

    memset(brackets, '[', (size_t) depth);
    memset(brackets + depth, ']', (size_t) depth);
    return given_text("{\"id\":\"evt_1\",\"object\":\"event\",\"x\":%s}", brackets);
}

static void nesting_is_followed_to_2000_and_not_without_end(void **state)
{
    (void) state;

    assert_null(read_webhook(nested(2000)));
    assert_malformed(nested(2048));
    assert_malformed(nested(500000));
}

/* --- Every member of every event, taken away or turned into something else ------------------- */

static const char *const documents[] = {
    "event-session-paid", "event-session-unpaid", "event-session-async-succeeded",
    "event-session-async-failed", "event-session-expired", "event-intent-succeeded",
    "event-intent-processing", "event-intent-requires-action", "event-intent-failed",
    "event-intent-canceled", "event-charge-refunded", "event-refund-created",
    "event-dispute-created", "event-customer-created", "event-thin",
};

static void read_json(const json_t *document)
{
    char *text = json_dumps(document, JSON_COMPACT);
    const struct problem *problem = read_webhook(bytes_of(text));

    if (problem == OK && event.payment.facts.captured_minor != 0)
        assert_int_equal(event.payment.facts.captured_minor, 9999);
    if (problem == OK && event.kind == PROVIDER_EVENT_REFUND)
        assert_in_range(event.refund.amount_minor, 1, MONEY_MINOR_MAX);
    if (problem == OK && event.kind == PROVIDER_EVENT_DISPUTE)
        assert_in_range(event.dispute.facts.amount_minor, 1, MONEY_MINOR_MAX);
    if (problem == OK && event.kind == PROVIDER_EVENT_DISPUTE)
        assert_true(event.dispute.facts.reinstated_minor <= event.dispute.facts.withdrawn_minor);
    free(text);
}

/* Reads the document once for each stranger in the place of the member. Puts the member back. */
static void try_strangers(const json_t *document, json_t *parent, const char *name)
{
    static const char *const strangers[] = {
        "null", "true", "-1", "1.5", "9223372036854775807", "\"\"", "\"x\"", "[]", "[{}]", "{}",
        "{\"id\":7,\"object\":[],\"metadata\":\"\"}",
    };
    json_t *member = json_incref(json_object_get(parent, name));

    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
        json_object_set_new(parent, name, json_loads(strangers[i], JSON_DECODE_ANY, NULL));
        read_json(document);
    }
    json_object_del(parent, name);
    read_json(document);
    json_object_set_new(parent, name, member);
}

static void try_members(const json_t *document, json_t *object)
{
    json_t *names = json_array();
    const char *name;
    json_t *member;
    size_t i;

    json_object_foreach(object, name, member)
        json_array_append_new(names, json_string(name));
    json_array_foreach(names, i, member) {
        try_strangers(document, object, json_string_value(member));
        try_members(document, json_object_get(object, json_string_value(member)));
    }
    json_decref(names);
}

static void strange_members_invent_no_money(void **state)
{
    (void) state;

    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        json_t *document = json_deep_copy(given_json(
            given_text("documents/%s.json", documents[i]).data));

        try_members(document, document);
        json_decref(document);
        fixture_reset(state);
    }
}

#define CASE(name) cmocka_unit_test_setup(name, fixture_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_completed_session_that_is_paid_is_money_captured),
        CASE(a_completed_session_that_is_unpaid_is_under_way),
        CASE(an_asynchronous_payment_that_succeeded_is_money_captured),
        CASE(an_asynchronous_payment_that_failed_is_over),
        CASE(an_expired_session_is_over),
        CASE(an_intent_that_succeeded_is_the_money_it_received),
        CASE(what_was_received_counts_and_not_what_was_asked),
        CASE(an_intent_that_is_processing_is_under_way),
        CASE(an_intent_that_requires_action_waits_for_the_payer),
        CASE(a_failed_attempt_says_why_and_ends_nothing),
        CASE(a_canceled_intent_is_over),
        CASE(an_intent_that_ended_with_its_page_was_cancelled_by_nobody),
        CASE(a_stolen_card_is_shown_as_an_ordinary_decline),
        CASE(refunded_charges_are_kept_for_later_with_their_intent),
        CASE(what_befalls_a_bare_charge_is_another_programs),
        CASE(a_dispute_is_read_with_its_payment),
        CASE(the_type_of_an_event_tells_which_money_moved),
        CASE(a_dispute_of_an_expanded_intent_or_charge_names_its_payment),
        CASE(a_dispute_that_cannot_be_read_is_asked_for),
        CASE(a_refund_tells_its_amount_and_status),
        CASE(every_status_of_a_refund_is_known),
        CASE(a_refund_of_ours_names_itself_and_its_payment),
        CASE(a_refund_that_cannot_be_read_is_kept_for_later),
        CASE(refunds_inside_a_charge_are_each_told),
        CASE(a_charge_with_a_part_of_its_refunds_is_kept_for_later),
        CASE(types_that_tell_us_nothing_are_unused),
        CASE(a_thin_event_is_unused),
        CASE(an_event_of_a_connected_account_is_unused),
        CASE(the_mode_is_the_events),
        CASE(an_expanded_intent_is_read_as_its_id),
        CASE(metadata_that_are_not_ours_name_no_payment),
        CASE(an_id_that_is_too_long_counts_as_absent),
        CASE(money_without_a_readable_amount_is_kept_for_later),
        CASE(a_completed_session_of_unknown_payment_status_is_kept_for_later),
        CASE(what_payers_typed_makes_no_event_unreadable),
        CASE(an_event_about_another_object_than_its_type_says_is_kept_for_later),
        CASE(what_is_no_event_is_malformed),
        CASE(the_smallest_event_is_an_event),
        CASE(an_event_id_that_cannot_be_kept_is_refused),
        CASE(no_cut_event_is_taken_for_one),
        CASE(nesting_is_followed_to_2000_and_not_without_end),
        CASE(strange_members_invent_no_money),
    };

    return cmocka_run_group_tests_name("stripe_events", tests, fixture_set_up, fixture_tear_down);
}
