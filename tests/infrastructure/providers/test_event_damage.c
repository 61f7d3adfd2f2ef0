/*
 * Recorded events with one member gone or of another type, each in turn: what was signed is read as an
 * event, or is no event at all; it never crashes, and never tells of money that the whole one did not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "infrastructure/providers/paystack_fixture.h"

/* What stands in a member's place; NULL: the member is gone. */
static const char *const damages[] = {
    NULL, "null", "true", "false", "0", "-1", "1", "9223372036854775807", "-9223372036854775808", "1.5", "1e300",
    "\"\"", "\"text\"", "\"9999\"", "\"\\u0001\"", "[]", "[null]", "[[]]", "{}", "{\"id\":5}", "{\"data\":[]}",
};
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int64_t damaged_count, refused_count, kinds_count[PROVIDER_EVENT_UNUSED + 1];

/* --- One damage ---------------------------------------------------------------------------- */

static json_t *damage_new(size_t i)
{
    return damages[i] != NULL ? json_loads(damages[i], JSON_DECODE_ANY, NULL) : NULL;
}

static bool is_terminated(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

static bool is_payment_id(struct payment_id id)
{
    return id.text[0] == '\0' || strcmp(id.text, FIXTURE_PAYMENT_ID) == 0;
}

static void assert_sane(const struct provider_event *event)
{
    assert_true(is_terminated(event->id, sizeof(event->id)) && event->id[0] != '\0');
    assert_true(is_terminated(event->type, sizeof(event->type)));
    assert_in_range(event->kind, PROVIDER_EVENT_PAYMENT, PROVIDER_EVENT_UNUSED);
    assert_true(is_terminated(event->payment.ref, sizeof(event->payment.ref)));
    assert_true(is_terminated(event->payment.intent, sizeof(event->payment.intent)));
    assert_true(is_payment_id(event->payment.payment_id));
    assert_in_range(event->payment.facts.closed, PAYMENT_OPEN, PAYMENT_CLOSED_CANCELLED);
    if (event->kind == PROVIDER_EVENT_REFUND)
        assert_true(event->refund.ref[0] != '\0' && strlen(event->refund.currency) == 3);
    if (event->kind == PROVIDER_EVENT_DISPUTE)
        assert_true(event->dispute.ref[0] != '\0' && event->dispute.facts.amount_minor > 0);
}

/* Money is what an amount says that we could read: "captured" never comes without it. */
static void assert_no_money_from_nothing(const struct provider_event *event)
{
    const struct provider_payment *payment = &event->payment;

    if (event->kind == PROVIDER_EVENT_PAYMENT && payment->facts.captured_minor != 0)
        assert_true(payment->facts.captured_minor == payment->amount_minor
                    && strlen(payment->currency) == 3);
    if (event->kind == PROVIDER_EVENT_LATER)
        assert_int_equal(payment->facts.captured_minor, 0);
}

static void read_damaged(const struct provider *provider, const json_t *document)
{
    struct ctx *ctx = given_a_paystack_ctx(provider);
    struct provider_event event = { .kind = PROVIDER_EVENT_UNUSED };
    const struct problem *problem;
    char *text = json_dumps(document, JSON_COMPACT);

    problem = provider->read_webhook(ctx, bytes_of(text), &event);
    damaged_count++;
    if (problem != OK) {
        assert_int_equal(problem->type, PROBLEM_MALFORMED_REQUEST);
        refused_count++;
    } else {
        assert_sane(&event);
        assert_no_money_from_nothing(&event);
        kinds_count[event.kind]++;
    }
    free(text);
}

/* --- Every place --------------------------------------------------------------------------- */

static void damage_below(const struct provider *provider, json_t *document, json_t *place);

/* The member is as it was when this is over. */
static void damage_member(const struct provider *provider, json_t *document, json_t *parent,
                          const char *name)
{
    json_t *whole = json_incref(json_object_get(parent, name));

    for (size_t i = 0; i < COUNT(damages); i++) {
        json_t *damage = damage_new(i);

        if (damage != NULL)
            (void) json_object_set_new(parent, name, damage);
        else
            (void) json_object_del(parent, name);
        read_damaged(provider, document);
    }
    (void) json_object_set_new(parent, name, whole);
    damage_below(provider, document, whole);
}

static void damage_element(const struct provider *provider, json_t *document, json_t *parent, size_t at)
{
    json_t *whole = json_incref(json_array_get(parent, at));

    for (size_t i = 1; i < COUNT(damages); i++) {
        (void) json_array_set_new(parent, at, damage_new(i));
        read_damaged(provider, document);
    }
    (void) json_array_set_new(parent, at, whole);
    damage_below(provider, document, whole);
}

static void damage_below(const struct provider *provider, json_t *document, json_t *place)
{
    json_t *names = json_object();
    const char *name;
    json_t *member;

    (void) json_object_update(names, place);            /* deleting moves the members of place itself */
    json_object_foreach(names, name, member)
        damage_member(provider, document, place, name);
    json_decref(names);
    for (size_t i = 0; i < json_array_size(place); i++)
        damage_element(provider, document, place, i);
}

static void damage_everywhere(const struct provider *provider, const json_t *recorded)
{
    json_t *document = json_deep_copy(recorded), *whole = json_deep_copy(document);
    const int64_t before = damaged_count;

    damage_below(provider, document, document);
    assert_true(json_equal(document, whole));
    assert_true(damaged_count - before > 100);
    json_decref(document);
    json_decref(whole);
}

/* --- Stripe -------------------------------------------------------------------------------- */

static void no_damage_to_an_event_of_stripe_crashes_or_makes_money(void **state)
{
    static const char *const names[] = {
        "session-paid", "session-unpaid", "session-async-succeeded", "session-async-failed",
        "session-expired", "intent-succeeded", "intent-processing", "intent-requires-action",
        "intent-failed", "intent-canceled", "refund-created", "charge-refunded", "dispute-created",
    };
    (void) state;

    for (size_t i = 0; i < COUNT(names); i++) {
        const struct provider *stripe = given_stripe();

        damage_everywhere(stripe, given_json(given_text("documents/event-%s.json", names[i]).data));
        (void) fixture_reset(NULL);
    }
    /* Without its id, its kind or its shape it is no event; all else is kept. */
    assert_true(refused_count > 0 && refused_count < damaged_count / 4);
    for (size_t kind = 0; kind < COUNT(kinds_count); kind++)
        assert_true(kinds_count[kind] > 0);
    print_message("# %d damaged events, %d of them none any more\n", (int) damaged_count,
                  (int) refused_count);
}

/* --- Paystack ------------------------------------------------------------------------------ */

static const char *const paystack_events[] = {
    "{\"event\":\"charge.success\",\"data\":{\"id\":302961,\"domain\":\"test\",\"status\":\"success\","
    "\"reference\":\"" FIXTURE_REFERENCE "\",\"amount\":10000,\"requested_amount\":10000,\"currency\":\"NGN\","
    "\"paid_at\":\"2026-01-11T10:00:00.000Z\",\"metadata\":{\"payment_id\":\"" FIXTURE_PAYMENT_ID "\"},"
    "\"customer\":{\"email\":\"a@b.example\"}}}",
    "{\"event\":\"refund.processed\",\"data\":{\"status\":\"processed\",\"transaction_reference\":\""
    FIXTURE_REFERENCE "\",\"refund_reference\":\"132013318360\",\"amount\":\"5000\",\"currency\":\"NGN\","
    "\"domain\":\"test\"}}",
    "{\"event\":\"charge.dispute.create\",\"data\":{\"id\":358950,\"status\":\"awaiting-merchant-feedback\","
    "\"resolution\":null,\"category\":\"chargeback\",\"refund_amount\":10000,\"currency\":\"NGN\","
    "\"dueAt\":\"2026-01-12T10:00:00.000Z\",\"updatedAt\":\"2026-01-11T10:00:00.000Z\",\"transaction\":{"
    "\"id\":302961,\"reference\":\"" FIXTURE_REFERENCE "\",\"amount\":10000},\"domain\":\"test\"}}",
    "{\"event\":\"charge.dispute.resolve\",\"data\":{\"id\":358950,\"status\":\"resolved\","
    "\"resolution\":\"merchant-accepted\",\"refund_amount\":10000,\"currency\":\"NGN\",\"transaction\":{"
    "\"id\":302961,\"reference\":\"" FIXTURE_REFERENCE "\"},\"domain\":\"test\"}}",
};

static void no_damage_to_an_event_of_paystack_crashes_or_makes_money(void **state)
{
    (void) state;

    damaged_count = refused_count = 0;
    for (size_t i = 0; i < COUNT(paystack_events); i++) {
        const struct bytes text = bytes_of(paystack_events[i]);
        json_t *recorded = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, NULL);

        damage_everywhere(given_paystack(), recorded);
        json_decref(recorded);
        (void) fixture_reset(NULL);
    }
    /* Only without a name is it no event. */
    assert_true(refused_count > 0 && refused_count < damaged_count / 4);
    print_message("# %d damaged events, %d of them none any more\n", (int) damaged_count,
                  (int) refused_count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(no_damage_to_an_event_of_stripe_crashes_or_makes_money, fixture_reset),
        cmocka_unit_test_teardown(no_damage_to_an_event_of_paystack_crashes_or_makes_money, fixture_reset),
    };

    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
