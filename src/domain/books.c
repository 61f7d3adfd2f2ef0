/* Compares two sorted books about the same money. */
#include "domain/books.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#define DAY_MS (24 * 3600 * INT64_C(1000))

const char *book_object_name(enum book_kind kind)
{
    static const char *const names[BOOK_KIND_COUNT] = {
        [BOOK_CHARGES] = "charge", [BOOK_REFUNDS] = "refund", [BOOK_DISPUTES] = "dispute",
    };

    return names[kind];
}

const char *book_difference_name(enum book_difference difference)
{
    static const char *const names[] = {
        [BOOKS_AGREE] = "agree",
        [BOOKS_MISSING_HERE] = "missing_here",
        [BOOKS_MISSING_THERE] = "missing_there",
        [BOOKS_OTHER_CURRENCY] = "other_currency",
        [BOOKS_OTHER_AMOUNT] = "other_amount",
        [BOOKS_OTHER_DAY] = "other_day",
    };

    return names[difference];
}

/* --- One object ---------------------------------------------------------------------------- */

static bool is_another_day(const struct book_entry *ours, const struct book_entry *theirs)
{
    int64_t apart_ms = ours->at_ms - theirs->at_ms;

    if (ours->at_ms == 0 || theirs->at_ms == 0)
        return false;
    return ours->at_ms / DAY_MS != theirs->at_ms / DAY_MS
        && (apart_ms >= BOOKS_DAY_TOLERANCE_MS || apart_ms <= -BOOKS_DAY_TOLERANCE_MS);
}

enum book_difference book_compare(const struct book_entry *ours, const struct book_entry *theirs)
{
    assert(ours != NULL || theirs != NULL);
    if (ours == NULL)
        return theirs->idle ? BOOKS_AGREE : BOOKS_MISSING_HERE;
    if (theirs == NULL)
        return ours->idle ? BOOKS_AGREE : BOOKS_MISSING_THERE;
    if (strcmp(ours->moved.currency, theirs->moved.currency) != 0)
        return BOOKS_OTHER_CURRENCY;
    if (ours->moved.minor != theirs->moved.minor)
        return ours->at_ms == 0 ? BOOKS_MISSING_HERE : BOOKS_OTHER_AMOUNT;
    return is_another_day(ours, theirs) ? BOOKS_OTHER_DAY : BOOKS_AGREE;
}

/* --- Two lists ----------------------------------------------------------------------------- */

int book_entry_order(const void *a, const void *b)
{
    return strcmp(((const struct book_entry *) a)->ref, ((const struct book_entry *) b)->ref);
}

/* The index after that entry and all entries with the same ref. */
static int next_place(const struct book_entry *entries, int count, int at)
{
    int next = at + 1;

    while (next < count && strcmp(entries[next].ref, entries[at].ref) == 0)
        next++;
    return next;
}

/* Which list has the smaller ref: below 0 ours, above 0 theirs, 0 both. */
static int order_at(const struct book_entry *ours, int our_count, int o,
                    const struct book_entry *theirs, int their_count, int t)
{
    if (o == our_count)
        return 1;
    return t == their_count ? -1 : book_entry_order(&ours[o], &theirs[t]);
}

int books_compare(const struct book_entry *ours, int our_count, const struct book_entry *theirs,
                  int their_count, struct book_pair *pairs_out)
{
    int count = 0, o = 0, t = 0;

    while (o < our_count || t < their_count) {
        const int order = order_at(ours, our_count, o, theirs, their_count, t);
        struct book_pair *pair = &pairs_out[count++];

        pair->ours = order <= 0 ? o : -1;
        pair->theirs = order >= 0 ? t : -1;
        pair->difference =
            book_compare(order <= 0 ? &ours[o] : NULL, order >= 0 ? &theirs[t] : NULL);
        if (order <= 0)
            o = next_place(ours, our_count, o);
        if (order >= 0)
            t = next_place(theirs, their_count, t);
    }
    return count;
}
