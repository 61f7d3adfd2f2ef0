/* An order follows its payment. */
#include "domain/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_order_follows_its_payment(void **state)
{
    /* After this payment, an order that was open, paid or refunded is: */
    static const struct { enum payment_status payment; enum order_status after[3]; } drawing[] = {
        { PAYMENT_PENDING,              { ORDER_OPEN,     ORDER_PAID,     ORDER_REFUNDED } },
        { PAYMENT_PROCESSING,           { ORDER_OPEN,     ORDER_PAID,     ORDER_REFUNDED } },
        { PAYMENT_REQUIRES_ACTION,      { ORDER_OPEN,     ORDER_PAID,     ORDER_REFUNDED } },
        { PAYMENT_COMPLETED,            { ORDER_PAID,     ORDER_PAID,     ORDER_PAID     } },
        { PAYMENT_FAILED,               { ORDER_OPEN,     ORDER_PAID,     ORDER_REFUNDED } },
        { PAYMENT_CANCELLED,            { ORDER_OPEN,     ORDER_PAID,     ORDER_REFUNDED } },
        { PAYMENT_EXPIRED,              { ORDER_OPEN,     ORDER_PAID,     ORDER_REFUNDED } },
        { PAYMENT_PARTIALLY_REFUNDED,   { ORDER_PAID,     ORDER_PAID,     ORDER_PAID     } },
        { PAYMENT_REFUNDED,             { ORDER_REFUNDED, ORDER_REFUNDED, ORDER_REFUNDED } },
    };
    (void) state;

    for (int payment = 0; payment < PAYMENT_STATUS_COUNT; payment++)
        for (int now = ORDER_OPEN; now <= ORDER_REFUNDED; now++) {
            assert_int_equal(drawing[payment].payment, payment);
            assert_int_equal(order_status_after((enum order_status) now,
                                                (enum payment_status) payment),
                             drawing[payment].after[now]);
        }
}

static void every_name_is_read_back_and_no_other(void **state)
{
    static const char *const names[] = { "open", "paid", "refunded" };
    enum order_status status;
    (void) state;

    for (int i = 0; i < 3; i++) {
        assert_string_equal(order_status_name((enum order_status) i), names[i]);
        assert_true(order_status_parse(names[i], &status));
        assert_int_equal(status, i);
    }
    status = ORDER_REFUNDED;
    assert_false(order_status_parse("", &status));
    assert_false(order_status_parse(NULL, &status));
    assert_false(order_status_parse("Paid", &status));
    assert_int_equal(status, ORDER_REFUNDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_follows_its_payment),
        cmocka_unit_test(every_name_is_read_back_and_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
