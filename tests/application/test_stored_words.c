/*
 * The words that we store, log and show for our enums. Rows and the audit's hashes depend on them, so
 * they stand here once more, written out.
 */
#include "given.h"

#include "application/provider.h"
#include "application/change_source.h"

static void operations_are_stored_by_these_words(void **state)
{
    static const char *const words[] = {
        [OP_ANY] = "", [OP_CHECKOUT] = "checkout", [OP_RETRIEVE] = "retrieve",
        [OP_EXPIRE] = "expire", [OP_FIND] = "find", [OP_REFUND] = "refund",
        [OP_LIST_REFUNDS] = "list_refunds", [OP_LIST_DISPUTES] = "list_disputes",
        [OP_PROBE] = "probe", [OP_ADOPT] = "adopt", [OP_LIST_EVENTS] = "list_events",
        [OP_LIST_BOOK] = "list_book",
    };
    enum provider_operation read;
    (void) state;

    _Static_assert(sizeof(words) / sizeof(words[0]) == PROVIDER_OPERATIONS, "all are named here");
    for (int i = OP_CHECKOUT; i < PROVIDER_OPERATIONS; i++) {
        assert_string_equal(provider_operation_name((enum provider_operation) i), words[i]);
        assert_true(provider_operation_parse(words[i], &read));
        assert_int_equal(read, i);
    }
}

static void another_word_is_no_operation(void **state)
{
    static const char *const words[] = { "", "Checkout", "checkout ", "charge", "list" };
    enum provider_operation read = OP_REFUND;
    (void) state;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_false(provider_operation_parse(words[i], &read));
    assert_int_equal(read, OP_REFUND);
}

static void a_change_is_stored_with_what_brought_it(void **state)
{
    static const char *const words[] = {
        [SOURCE_CHECKOUT] = "checkout", [SOURCE_REFUND] = "refund", [SOURCE_RECOVERY] = "recovery",
        [SOURCE_EXPIRY] = "expiry", [SOURCE_CANCEL] = "cancel", [SOURCE_SYNC] = "sync",
        [SOURCE_REFUNDS_LIST] = "refunds.list", [SOURCE_DISPUTES_LIST] = "disputes.list",
        [SOURCE_ADOPTION] = "adoption", [SOURCE_REVIEW] = "review", [SOURCE_GIVEN_UP] = "given_up",
    };
    (void) state;

    _Static_assert(sizeof(words) / sizeof(words[0]) == SOURCE_EVENT, "all are named here");
    for (int i = 0; i < SOURCE_EVENT; i++)
        assert_string_equal(change_source_text(change_source_of((enum change_source_kind) i)),
                            words[i]);
    assert_string_equal(change_source_text(change_source_event("charge.refunded")),
                        "charge.refunded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_are_stored_by_these_words),
        cmocka_unit_test(another_word_is_no_operation),
        cmocka_unit_test(a_change_is_stored_with_what_brought_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
