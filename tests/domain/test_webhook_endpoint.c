/* Endpoints of the shop: their names as they are stored, and the events that they ask for. */
#include "domain/webhook_endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void names_are_read_as_they_are_written(void **state)
{
    (void) state;
    for (int i = ENDPOINT_ENABLED; i <= ENDPOINT_DELETED; i++) {
        enum webhook_endpoint_status status = ENDPOINT_DELETED;

        assert_true(webhook_endpoint_status_parse(
            webhook_endpoint_status_name((enum webhook_endpoint_status) i), &status));
        assert_int_equal(status, i);
    }
    for (int i = ENDPOINT_NOT_DISABLED; i <= ENDPOINT_FAILING; i++) {
        enum webhook_disabled_reason reason = ENDPOINT_FAILING;

        assert_true(webhook_disabled_reason_parse(
            webhook_disabled_reason_name((enum webhook_disabled_reason) i), &reason));
        assert_int_equal(reason, i);
    }
}

static void unknown_names_are_refused(void **state)
{
    enum webhook_endpoint_status status;
    enum webhook_disabled_reason reason;
    struct webhook_events events = { 0 };

    (void) state;
    assert_false(webhook_endpoint_status_parse("", &status));
    assert_false(webhook_disabled_reason_parse("Gone", &reason));
    assert_false(webhook_events_add(&events, ""));
    assert_false(webhook_events_add(&events, "none"));
    assert_false(webhook_events_add(&events, "payment.*"));
    assert_false(webhook_events_add(&events, "webhook_endpoint.test"));
    assert_int_equal(events.set, 0);
}

static void a_set_holds_what_was_added(void **state)
{
    struct webhook_events events = { 0 };

    (void) state;
    assert_true(webhook_events_add(&events, "payment.completed"));
    assert_true(webhook_events_add(&events, "webhook_endpoint.disabled"));
    assert_true(webhook_events_hold(events, DOMAIN_EVENT_PAYMENT_COMPLETED));
    assert_true(webhook_events_hold(events, DOMAIN_EVENT_WEBHOOK_ENDPOINT_DISABLED));
    assert_false(webhook_events_hold(events, DOMAIN_EVENT_PAYMENT_FAILED));
}

static void a_star_holds_everything(void **state)
{
    struct webhook_events events = { 0 };

    (void) state;
    assert_true(webhook_events_add(&events, "*"));
    for (int event = DOMAIN_EVENT_NONE + 1; event < DOMAIN_EVENT_COUNT; event++)
        assert_true(webhook_events_hold(events, (enum domain_event) event));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_as_they_are_written),
        cmocka_unit_test(unknown_names_are_refused),
        cmocka_unit_test(a_set_holds_what_was_added),
        cmocka_unit_test(a_star_holds_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
