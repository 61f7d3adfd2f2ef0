/*
 * What comes in from Paystack: whether it is theirs, and what it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "infrastructure/providers/paystack_fixture.h"

static struct provider_event event;

/* --- Signatures ---------------------------------------------------------------------------- */

static bool accepts(const struct provider *paystack, const char *header, struct bytes body)
{
    return paystack->verify_webhook(given_a_ctx(), paystack, header, body) == SIGNATURE_FITS;
}

static const char *text_of(const json_t *vector, const char *member)
{
    return json_string_value(json_object_get(vector, member));
}

static const json_t *vectors(void)
{
    return json_object_get(given_json("webhook-vectors.json"), "paystack");
}

static void every_vector_gets_its_verdict(void **state)
{
    size_t i;
    json_t *vector;
    (void) state;

    assert_int_equal(json_array_size(vectors()), 6);
    json_array_foreach(vectors(), i, vector) {
        const struct bytes body = bytes_of(text_of(vector, "body"));
        const bool wanted = strcmp(text_of(vector, "expect"), "accept") == 0;
        const struct provider_config settings = {
            .secret_keys = { { text_of(vector, "secret") }, 1 },
        };

        assert_int_equal(body.size, json_integer_value(json_object_get(vector, "body_bytes")));
        if (accepts(given_paystack_with(settings), text_of(vector, "header"), body) != wanted)
            fail_msg("%s", text_of(vector, "name"));
    }
}

static void no_single_bit_of_body_or_signature_may_change(void **state)
{
    const json_t *vector = json_array_get(vectors(), 1);
    const struct provider *paystack = given_paystack();
    char *texts[] = { arena_strdup(given_a_ctx()->arena, text_of(vector, "header")),
                      arena_strdup(given_a_ctx()->arena, text_of(vector, "body")) };
    const struct bytes body = bytes_of(texts[1]);
    (void) state;

    assert_true(accepts(paystack, texts[0], body));
    for (size_t i = 0; i < 2; i++)
        for (size_t bit = 0, size = strlen(texts[i]); bit < size * 8; bit++) {
            texts[i][bit / 8] ^= (char) (1 << bit % 8);
            assert_false(accepts(paystack, texts[0], body));
            texts[i][bit / 8] ^= (char) (1 << bit % 8);
        }
}

static void a_signature_of_another_form_is_refused(void **state)
{
    const json_t *vector = json_array_get(vectors(), 0);
    const char *good = text_of(vector, "header");
    const struct bytes body = bytes_of(text_of(vector, "body"));
    char *upper = arena_strdup(given_a_ctx()->arena, good);
    const char *bad[] = {
        "", upper, good + 1, given_text("%s0", good).data, given_text(" %s", good).data,
        given_text("%.127s ", good).data, given_text("%s, %s", good, good).data,
    };
    (void) state;

    for (char *c = upper; *c != '\0'; c++)
        if (*c >= 'a' && *c <= 'f')
            *c = (char) (*c - 'a' + 'A');
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(accepts(given_paystack(), bad[i], body));
}

static void any_of_our_keys_may_have_signed_while_one_is_replaced(void **state)
{
    const json_t *vector = json_array_get(vectors(), 0);
    const struct provider_config rotated = {
        .secret_keys = { { "sk_test_new", "sk_test_other", FIXTURE_PAYSTACK_KEY }, 3 },
    };
    const struct provider_config dropped = { .secret_keys = { { "sk_test_new" }, 1 } };
    const struct bytes body = bytes_of(text_of(vector, "body"));
    (void) state;

    assert_true(accepts(given_paystack_with(rotated), text_of(vector, "header"), body));
    assert_false(accepts(given_paystack_with(dropped), text_of(vector, "header"), body));
}

/* --- Events -------------------------------------------------------------------------------- */

static const struct problem *read_for(const struct provider *paystack, const char *body)
{
    memset(&event, 0xa5, sizeof(event));
    return paystack->read_webhook(given_a_paystack_ctx(paystack), bytes_of(body), &event);
}

static void read_event(const char *body)
{
    assert_null(read_for(given_paystack(), body));
}

#define CHARGE(type, members) \
    "{\"event\":\"" type "\",\"data\":{\"id\":302961,\"domain\":\"test\",\"status\":\"success\"," \
    "\"reference\":\"" FIXTURE_REFERENCE "\"" members "}}"

static void a_charge_is_a_hint_about_our_payment(void **state)
{
    (void) state;

    read_event(CHARGE("charge.success", ",\"paid_at\":\"2026-01-11T10:00:00.000Z\""));
    assert_int_equal(event.kind, PROVIDER_EVENT_LATER);
    assert_true(event.says_paid);
    assert_string_equal(event.type, "charge.success");
    assert_string_equal(event.payment.payment_id.text, FIXTURE_PAYMENT_ID);
    assert_string_equal(event.payment.ref, FIXTURE_REFERENCE);
    assert_int_equal(event.payment.facts.captured_minor, 0);    /* not before it is verified */
    assert_int_equal(event.created_s, 1768125600);
    assert_false(event.livemode);
}

static void each_type_means_what_the_table_says(void **state)
{
    static const struct { const char *body; enum provider_event_kind kind; } rows[] = {
        { CHARGE("charge.success", ""), PROVIDER_EVENT_LATER },
        { CHARGE("charge.failed", ""), PROVIDER_EVENT_LATER },
        { CHARGE("refund.pending", ""), PROVIDER_EVENT_LATER },
        { CHARGE("refund.processed", ""), PROVIDER_EVENT_LATER },
        { CHARGE("refund.failed", ""), PROVIDER_EVENT_LATER },
        { CHARGE("refund.needs-attention", ""), PROVIDER_EVENT_LATER },
        { CHARGE("charge.dispute.create", ""), PROVIDER_EVENT_LATER },      /* cannot be read */
        { CHARGE("transfer.success", ""), PROVIDER_EVENT_UNUSED },
        { CHARGE("charges", ""), PROVIDER_EVENT_UNUSED },
        { "{\"event\":\"subscription.expiring_cards\",\"data\":[{\"id\":1}]}", PROVIDER_EVENT_UNUSED },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_event(rows[i].body);
        assert_int_equal(event.kind, rows[i].kind);
    }
}

/* Refunds have no id of their own, and an amount that is now a text, now a number. */
static void a_refund_and_a_dispute_name_the_transaction(void **state)
{
    static const char *const bodies[] = {
        "{\"event\":\"refund.processed\",\"data\":{\"status\":\"processed\",\"refund_reference\":null,"
        "\"transaction_reference\":\"" FIXTURE_REFERENCE "\",\"amount\":\"5000\",\"domain\":\"test\"}}",
        "{\"event\":\"refund.failed\",\"data\":{\"status\":\"failed\",\"amount\":5000,"
        "\"transaction_reference\":\"" FIXTURE_REFERENCE "\",\"domain\":\"test\"}}",
        "{\"event\":\"charge.dispute.create\",\"data\":{\"id\":358950,\"domain\":\"test\","
        "\"transaction\":{\"id\":18446744073709551615,\"reference\":\"" FIXTURE_REFERENCE "\"}}}",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        read_event(bodies[i]);
        assert_string_equal(event.payment.payment_id.text, FIXTURE_PAYMENT_ID);
        assert_string_equal(event.payment.ref, FIXTURE_REFERENCE);
    }
}

/* An end moves money: it is asked for. Whatever time an event names, any answer counts more. */
static void that_a_dispute_is_open_is_believed_and_its_end_is_asked_for(void **state)
{
    static const struct { const char *status, *resolution; enum provider_event_kind kind; } rows[] = {
        { "awaiting-merchant-feedback", "null", PROVIDER_EVENT_DISPUTE },
        { "awaiting-bank-feedback", "null", PROVIDER_EVENT_DISPUTE },
        { "pending", "null", PROVIDER_EVENT_DISPUTE },
        { "resolved", "\"declined\"", PROVIDER_EVENT_LATER },
        { "resolved", "\"merchant-accepted\"", PROVIDER_EVENT_LATER },
        { "resolved", "\"auto-accepted\"", PROVIDER_EVENT_LATER },
        { "resolved", "null", PROVIDER_EVENT_LATER },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_event(given_text("{\"event\":\"charge.dispute.resolve\",\"data\":{\"id\":358950,"
                              "\"domain\":\"test\",\"status\":\"%s\",\"resolution\":%s,"
                              "\"category\":\"chargeback\",\"refund_amount\":10000,\"currency\":\"NGN\","
                              "\"dueAt\":\"2026-01-12T10:00:00.000Z\","
                              "\"updatedAt\":\"2026-01-11T10:00:00.000Z\",\"transaction\":{\"id\":302961,"
                              "\"reference\":\"" FIXTURE_REFERENCE "\"}}}", rows[i].status,
                              rows[i].resolution).data);
        assert_int_equal(event.kind, rows[i].kind);
        if (event.kind != PROVIDER_EVENT_DISPUTE)
            continue;
        assert_string_equal(event.dispute.ref, "358950");
        assert_string_equal(event.dispute.intent, "302961");
        assert_int_equal(event.dispute.facts.fact.status, DISPUTE_OPEN);
        assert_int_equal(event.dispute.facts.amount_minor, 10000);
        assert_int_equal(event.dispute.facts.withdrawn_minor, 0);
        assert_int_equal(event.dispute.facts.at_ms, 1);
        assert_int_equal(event.dispute.facts.due_at_s, 1768212000);
        assert_string_equal(event.dispute.facts.reason, "chargeback");
    }
}

static void metadata_names_the_payment_when_the_reference_is_not_ours(void **state)
{
    static const struct { const char *metadata, *payment_id; } rows[] = {
        { "{\"payment_id\":\"" FIXTURE_PAYMENT_ID "\"}", FIXTURE_PAYMENT_ID },
        { "\"{\\\"payment_id\\\":\\\"" FIXTURE_PAYMENT_ID "\\\"}\"", FIXTURE_PAYMENT_ID },
        { "\"\"", "" }, { "0", "" }, { "null", "" }, { "[]", "" }, { "\"x\"", "" },
        { "{\"payment_id\":7}", "" },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_event(given_text("{\"event\":\"charge.success\",\"data\":{\"reference\":\"shop.17\","
                              "\"domain\":\"test\",\"metadata\":%s}}", rows[i].metadata).data);
        assert_string_equal(event.payment.payment_id.text, rows[i].payment_id);
        assert_string_equal(event.payment.ref, "shop.17");
    }
}

#define HINT(more) "{\"event\":\"refund.processed\",\"data\":{\"status\":\"processed\",\"amount\":\"5000\"," \
    "\"transaction_reference\":\"" FIXTURE_REFERENCE "\"" more "}}"

static void is_another_event(const char *body, const char *first, bool another)
{
    read_event(body);
    assert_int_equal(strcmp(event.id, first) != 0, another);
}

/* Two refunds of one amount would else be one. */
static void without_an_id_the_same_bytes_are_the_same_event(void **state)
{
    char first[PROVIDER_EVENT_ID_MAX];
    (void) state;

    read_event(HINT(""));
    memcpy(first, event.id, sizeof(first));
    assert_int_equal(strlen(first), 64);
    is_another_event(HINT(""), first, false);
    is_another_event(HINT(" "), first, true);
}

static void with_an_id_the_same_news_are_the_same_event(void **state)
{
    char first[PROVIDER_EVENT_ID_MAX];
    (void) state;

    read_event(CHARGE("charge.success", ""));
    memcpy(first, event.id, sizeof(first));
    is_another_event(CHARGE("charge.success", ",\"fees\":7"), first, false);
    is_another_event(CHARGE("charge.failed", ""), first, true);
    is_another_event(CHARGE("charge.success", ",\"amount\":7"), first, true);
    is_another_event("{\"event\":\"charge.success\",\"data\":{\"id\":302961,\"domain\":\"test\","
                     "\"status\":\"reversed\",\"reference\":\"" FIXTURE_REFERENCE "\"}}", first, true);
    is_another_event("{\"event\":\"charge.success\",\"data\":{\"id\":302962,\"domain\":\"test\","
                     "\"status\":\"success\",\"reference\":\"" FIXTURE_REFERENCE "\"}}", first, true);
    is_another_event("{\"event\":\"charge.success\",\"data\":{\"id\":\"302961\",\"domain\":\"test\","
                     "\"status\":\"success\",\"reference\":\"" FIXTURE_REFERENCE "\"}}", first, false);
}

/* Ours have a reference of our form; of another program's transactions there is nothing to ask. */
static void what_has_another_reference_and_names_no_payment_is_not_ours(void **state)
{
    (void) state;
    read_event("{\"event\":\"charge.success\",\"data\":{\"reference\":\"shop.17\",\"domain\":\"test\"}}");
    assert_int_equal(event.kind, PROVIDER_EVENT_UNUSED);
    assert_string_equal(event.unused_because, "names no payment of ours");
    read_event("{\"event\":\"refund.processed\",\"data\":{\"transaction_reference\":\"shop.17\","
               "\"domain\":\"test\"}}");
    assert_int_equal(event.kind, PROVIDER_EVENT_UNUSED);
    read_event("{\"event\":\"refund.processed\",\"data\":{\"transaction\":302961,\"domain\":\"test\"}}");
    assert_int_equal(event.kind, PROVIDER_EVENT_LATER);
    assert_string_equal(event.payment.intent, "302961");
}

static void the_mode_is_the_domains_or_our_keys(void **state)
{
    const struct provider_config live = { .secret_keys = { { "sk_live_1" }, 1 } };
    (void) state;

    read_event("{\"event\":\"charge.success\",\"data\":{\"domain\":\"live\"}}");
    assert_true(event.livemode);
    read_event("{\"event\":\"charge.success\",\"data\":{}}");
    assert_false(event.livemode);
    assert_null(read_for(given_paystack_with(live), "{\"event\":\"charge.success\",\"data\":{}}"));
    assert_true(event.livemode);
    assert_null(read_for(given_paystack_with(live),
                         "{\"event\":\"charge.success\",\"data\":{\"domain\":\"test\"}}"));
    assert_false(event.livemode);
}

static void an_event_without_a_time_happened_when_it_came(void **state)
{
    (void) state;

    read_event(CHARGE("charge.success", ",\"paid_at\":\"yesterday\""));
    assert_int_equal(event.created_s, FIXTURE_NOW_S);
    read_event(CHARGE("charge.success", ",\"createdAt\":\"2026-01-11T10:00:00.000Z\""));
    assert_int_equal(event.created_s, 1768125600);
}

/* Signed by them, and stored to be looked at: never a 4xx for what only lacks something. */
static void an_event_that_lacks_everything_is_kept(void **state)
{
    static const char *const bodies[] = {
        "{\"event\":\"charge.success\"}", "{\"event\":\"charge.success\",\"data\":null}",
        "{\"event\":\"charge.success\",\"data\":[]}", "{\"event\":\"refund.processed\",\"data\":{}}",
        "{\"event\":\"charge.success\",\"data\":{\"reference\":5,\"id\":{},\"metadata\":[[]]}}",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        read_event(bodies[i]);
        assert_int_equal(event.kind, PROVIDER_EVENT_LATER);
        assert_string_equal(event.payment.payment_id.text, "");
    }
    read_event(given_text("{\"event\":\"%0200d\",\"data\":{}}", 0).data);
    assert_int_equal(strlen(event.type), PROVIDER_EVENT_TYPE_MAX - 1);
}

static void what_payers_typed_makes_no_event_unreadable(void **state)
{
    static const char *const names[] = { "Ann\\u0000a", "Ann\\ud83d", "Ann\xff" };
    (void) state;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        read_event(given_text("{\"event\":\"charge.success\",\"data\":{\"domain\":\"test\",\"reference\":\""
                              FIXTURE_REFERENCE "\",\"customer\":{\"first_name\":\"%s\"}}}", names[i]).data);
        assert_int_equal(event.kind, PROVIDER_EVENT_LATER);
        assert_string_equal(event.payment.payment_id.text, FIXTURE_PAYMENT_ID);
    }
}

static void what_is_no_event_is_malformed(void **state)
{
    static const char *const bodies[] = {
        "", "null", "[]", "{}", "{\"event\":7}", "{\"event\":\"\"}", "\"charge.success\"",
        "{\"event\":\"a\",\"event\":\"b\"}", "{\"event\":\"charge.success\",\"data\":{}",
        "{\"event\":\"charge.success\\", "\"", "12345678901234567890",
    };
    (void) state;

    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_int_equal(read_for(given_paystack(), bodies[i])->type, PROBLEM_MALFORMED_REQUEST);
}

#define CASE(name) cmocka_unit_test_setup(name, fixture_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_vector_gets_its_verdict),
        CASE(no_single_bit_of_body_or_signature_may_change),
        CASE(a_signature_of_another_form_is_refused),
        CASE(any_of_our_keys_may_have_signed_while_one_is_replaced),
        CASE(a_charge_is_a_hint_about_our_payment),
        CASE(each_type_means_what_the_table_says),
        CASE(a_refund_and_a_dispute_name_the_transaction),
        CASE(that_a_dispute_is_open_is_believed_and_its_end_is_asked_for),
        CASE(metadata_names_the_payment_when_the_reference_is_not_ours),
        CASE(without_an_id_the_same_bytes_are_the_same_event),
        CASE(with_an_id_the_same_news_are_the_same_event),
        CASE(what_has_another_reference_and_names_no_payment_is_not_ours),
        CASE(the_mode_is_the_domains_or_our_keys),
        CASE(an_event_without_a_time_happened_when_it_came),
        CASE(an_event_that_lacks_everything_is_kept),
        CASE(what_payers_typed_makes_no_event_unreadable),
        CASE(what_is_no_event_is_malformed),
    };

    return cmocka_run_group_tests_name("paystack_events", tests, fixture_set_up, fixture_tear_down);
}
