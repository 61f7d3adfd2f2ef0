/* Two books compared. */
#include "domain/books.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MIDNIGHT_MS INT64_C(1796083200000)      /* 2026-12-01T00:00:00Z */
#define MINUTE_MS   60000

static struct book_entry entry(const char *ref, int64_t minor, const char *currency, int64_t at_ms)
{
    struct book_entry made = { .moved = { .minor = minor }, .at_ms = at_ms };

    snprintf(made.ref, sizeof(made.ref), "%s", ref);
    snprintf(made.moved.currency, sizeof(made.moved.currency), "%s", currency);
    return made;
}

static enum book_difference compare(struct book_entry ours, struct book_entry theirs)
{
    return book_compare(&ours, &theirs);
}

/* --- One object ---------------------------------------------------------------------------- */

static void what_stands_in_both_books_alike_agrees(void **state)
{
    (void) state;
    assert_int_equal(compare(entry("pi_1", 9999, "USD", MIDNIGHT_MS), entry("pi_1", 9999, "USD", MIDNIGHT_MS)),
                     BOOKS_AGREE);
}

static void what_one_book_lacks_is_missing_there(void **state)
{
    struct book_entry there = entry("pi_1", 9999, "USD", MIDNIGHT_MS);
    (void) state;

    assert_int_equal(book_compare(NULL, &there), BOOKS_MISSING_HERE);
    assert_int_equal(book_compare(&there, NULL), BOOKS_MISSING_THERE);
}

static void what_ended_without_money_is_missed_by_nobody(void **state)
{
    struct book_entry failed = entry("re_1", 0, "USD", 0);
    (void) state;

    failed.idle = true;
    assert_int_equal(book_compare(NULL, &failed), BOOKS_AGREE);
    assert_int_equal(book_compare(&failed, NULL), BOOKS_AGREE);
}

static void what_we_know_and_have_not_booked_is_missing_here(void **state)
{
    (void) state;
    assert_int_equal(compare(entry("pi_1", 0, "USD", 0), entry("pi_1", 9999, "USD", MIDNIGHT_MS)),
                     BOOKS_MISSING_HERE);
}

static void a_minor_unit_is_another_amount(void **state)
{
    (void) state;
    assert_int_equal(compare(entry("pi_1", 9999, "USD", MIDNIGHT_MS), entry("pi_1", 9998, "USD", MIDNIGHT_MS)),
                     BOOKS_OTHER_AMOUNT);
    assert_int_equal(compare(entry("re_1", -1000, "USD", MIDNIGHT_MS), entry("re_1", 0, "USD", 0)),
                     BOOKS_OTHER_AMOUNT);
}

static void the_same_number_of_another_currency_is_no_match(void **state)
{
    (void) state;
    assert_int_equal(compare(entry("pi_1", 9999, "USD", MIDNIGHT_MS), entry("pi_1", 9999, "EUR", MIDNIGHT_MS)),
                     BOOKS_OTHER_CURRENCY);
}

static void another_day_counts_beyond_what_two_clocks_differ(void **state)
{
    struct book_entry theirs = entry("pi_1", 9999, "USD", MIDNIGHT_MS - MINUTE_MS);
    (void) state;

    assert_int_equal(compare(entry("pi_1", 9999, "USD", MIDNIGHT_MS + 13 * MINUTE_MS), theirs), BOOKS_AGREE);
    assert_int_equal(compare(entry("pi_1", 9999, "USD", MIDNIGHT_MS + 14 * MINUTE_MS), theirs), BOOKS_OTHER_DAY);
    assert_int_equal(compare(theirs, entry("pi_1", 9999, "USD", MIDNIGHT_MS + 14 * MINUTE_MS)), BOOKS_OTHER_DAY);
    assert_int_equal(compare(entry("pi_1", 9999, "USD", MIDNIGHT_MS + 600 * MINUTE_MS),
                             entry("pi_1", 9999, "USD", MIDNIGHT_MS)), BOOKS_AGREE);
}

/* --- Two lists ----------------------------------------------------------------------------- */

static void each_object_of_two_lists_is_told_of_once(void **state)
{
    const struct book_entry ours[] = {
        entry("a", 1, "USD", 1), entry("b", 2, "USD", 1), entry("d", 4, "USD", 1),
    };
    const struct book_entry theirs[] = {
        entry("b", 2, "USD", 1), entry("b", 2, "USD", 1), entry("c", 3, "USD", 1), entry("d", 5, "USD", 1),
    };
    static const struct book_pair expected[] = {
        { BOOKS_MISSING_THERE, 0, -1 }, { BOOKS_AGREE, 1, 0 }, { BOOKS_MISSING_HERE, -1, 2 },
        { BOOKS_OTHER_AMOUNT, 2, 3 },
    };
    struct book_pair pairs[7];
    (void) state;

    assert_int_equal(books_compare(ours, 3, theirs, 4, pairs), 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pairs[i].difference, expected[i].difference);
        assert_int_equal(pairs[i].ours, expected[i].ours);
        assert_int_equal(pairs[i].theirs, expected[i].theirs);
    }
}

static void nothing_and_nothing_agree(void **state)
{
    struct book_pair pairs[1];
    (void) state;

    assert_int_equal(books_compare(NULL, 0, NULL, 0, pairs), 0);
}

/* Each of ours and theirs by its bit: an object that stands in neither list is not told of. */
static void every_subset_of_objects_is_compared_as_a_plain_search_would(void **state)
{
    static const char *const refs[] = { "a", "b", "c", "d" };
    (void) state;

    for (unsigned in_ours = 0; in_ours < 16; in_ours++)
        for (unsigned in_theirs = 0; in_theirs < 16; in_theirs++) {
            struct book_entry ours[4], theirs[4];
            struct book_pair pairs[8];
            int our_count = 0, their_count = 0, told = 0, count;

            for (unsigned i = 0; i < 4; i++) {
                if (in_ours & (1U << i))
                    ours[our_count++] = entry(refs[i], 1, "USD", 1);
                if (in_theirs & (1U << i))
                    theirs[their_count++] = entry(refs[i], 1, "USD", 1);
            }
            count = books_compare(ours, our_count, theirs, their_count, pairs);
            for (unsigned i = 0; i < 4; i++) {
                const unsigned bit = 1U << i;

                if (!((in_ours | in_theirs) & bit))
                    continue;
                assert_int_equal(pairs[told++].difference,
                                 !(in_ours & bit)     ? BOOKS_MISSING_HERE
                                 : !(in_theirs & bit) ? BOOKS_MISSING_THERE : BOOKS_AGREE);
            }
            assert_int_equal(count, told);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_in_both_books_alike_agrees),
        cmocka_unit_test(what_one_book_lacks_is_missing_there),
        cmocka_unit_test(what_ended_without_money_is_missed_by_nobody),
        cmocka_unit_test(what_we_know_and_have_not_booked_is_missing_here),
        cmocka_unit_test(a_minor_unit_is_another_amount),
        cmocka_unit_test(the_same_number_of_another_currency_is_no_match),
        cmocka_unit_test(another_day_counts_beyond_what_two_clocks_differ),
        cmocka_unit_test(each_object_of_two_lists_is_told_of_once),
        cmocka_unit_test(nothing_and_nothing_agree),
        cmocka_unit_test(every_subset_of_objects_is_compared_as_a_plain_search_would),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
