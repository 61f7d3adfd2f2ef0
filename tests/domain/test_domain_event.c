/* What each change of a payment's status announces. */
#include "domain/domain_event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void every_change_of_status_announces_what_was_drawn(void **state)
{
    /* P processing, C completed, F failed, X cancelled, E expired, . nothing */
    static const char letters[] = {
        [DOMAIN_EVENT_NONE] = '.', [DOMAIN_EVENT_PAYMENT_PROCESSING] = 'P',
        [DOMAIN_EVENT_PAYMENT_COMPLETED] = 'C', [DOMAIN_EVENT_PAYMENT_FAILED] = 'F',
        [DOMAIN_EVENT_PAYMENT_CANCELLED] = 'X', [DOMAIN_EVENT_PAYMENT_EXPIRED] = 'E',
    };
    static const char *const drawing[PAYMENT_STATUS_COUNT] = {
        /* to:                        pend proc act comp fail canc exp part ref */
        [PAYMENT_PENDING]            = ".   P   P   C   F   X   E   C   C",
        [PAYMENT_PROCESSING]         = ".   .   .   C   F   X   E   C   C",
        [PAYMENT_REQUIRES_ACTION]    = ".   .   .   C   F   X   E   C   C",
        [PAYMENT_COMPLETED]          = ".   .   .   .   .   .   .   .   .",
        [PAYMENT_FAILED]             = ".   .   .   C   .   X   E   C   C",
        [PAYMENT_CANCELLED]          = ".   .   .   C   F   .   E   C   C",
        [PAYMENT_EXPIRED]            = ".   .   .   C   F   X   .   C   C",
        [PAYMENT_PARTIALLY_REFUNDED] = ".   .   .   .   .   .   .   .   .",
        [PAYMENT_REFUNDED]           = ".   .   .   .   .   .   .   .   .",
    };
    (void) state;

    for (int from = 0; from < PAYMENT_STATUS_COUNT; from++)
        for (int to = 0; to < PAYMENT_STATUS_COUNT; to++) {
            const enum domain_event type = domain_event_of_transition((enum payment_status) from,
                                                             (enum payment_status) to);

            assert_in_range(type, 0, sizeof(letters) - 1);
            assert_int_equal(letters[type], drawing[from][4 * to]);
        }
}

static void the_names_are_those_of_the_contract(void **state)
{
    static const char *const names[] = {
        "none", "order.created", "payment.created", "payment.processing", "payment.completed",
        "payment.failed", "payment.cancelled", "payment.expired", "payment.review_needed", "payment.attached",
        "refund.created", "refund.succeeded", "refund.failed", "dispute.opened", "dispute.closed",
        "webhook_endpoint.disabled", "webhook_endpoint.test",
    };
    (void) state;

    _Static_assert(sizeof(names) / sizeof(names[0]) == DOMAIN_EVENT_COUNT,
                   "a row of domain_events.def is missing here, or was removed there");
    for (int type = DOMAIN_EVENT_NONE; type < DOMAIN_EVENT_COUNT; type++)
        assert_string_equal(domain_event_name((enum domain_event) type), names[type]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_of_status_announces_what_was_drawn),
        cmocka_unit_test(the_names_are_those_of_the_contract),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
