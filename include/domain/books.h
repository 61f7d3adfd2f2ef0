/*
 * books.h - compares two books about the same money, ours and the provider's, object by object.
 *
 * An entry is the net result of one charge, refund or dispute: a refund that failed after it had
 * succeeded moved nothing. Pure; lists are sorted by ref. Source: docs/reliability.md 5.4 (X1, X2),
 * docs/facts.md.
 */
#ifndef PAYAPI_DOMAIN_BOOKS_H
#define PAYAPI_DOMAIN_BOOKS_H

#include "domain/ids.h"
#include "domain/money.h"

/* What moves money; a provider lists each kind by itself. */
enum book_kind { BOOK_CHARGES, BOOK_REFUNDS, BOOK_DISPUTES };
#define BOOK_KIND_COUNT 3
const char *book_object_name(enum book_kind kind);      /* "charge" */

struct book_entry {
    char         ref[PROVIDER_REF_MAX];     /* the object, as our ledger names it; "": no entry */
    struct money moved;                     /* in all, positive towards the shop; may be 0 */
    int64_t      at_ms;                     /* of the movement; 0: nothing moved yet */
    bool         idle;                      /* it ended without moving money and may be missing */
};

enum book_difference {
    BOOKS_AGREE,
    BOOKS_MISSING_HERE,
    BOOKS_MISSING_THERE,
    BOOKS_OTHER_CURRENCY,
    BOOKS_OTHER_AMOUNT,
    BOOKS_OTHER_DAY                         /* in UTC, and BOOKS_DAY_TOLERANCE_MS apart at least */
};
const char *book_difference_name(enum book_difference difference);      /* "missing_here" */

/* Around midnight two clocks may name two days; times further apart than this differ for real. */
#define BOOKS_DAY_TOLERANCE_MS (15 * 60000)

/*
 * Compares one object in both books; NULL: that book lacks it. At least one is not NULL. An object
 * that we know but have booked nothing of, while the provider moved money, is missing here.
 */
enum book_difference book_compare(const struct book_entry *ours, const struct book_entry *theirs);

struct book_pair {
    enum book_difference difference;
    int                  ours;              /* index in its list; -1: not in it */
    int                  theirs;
};

/* By ref: for qsort and bsearch. */
int book_entry_order(const void *a, const void *b);
/*
 * Walks both lists, each sorted by ref, and reports each object once, in that order; of equal refs
 * in one list the first counts. pairs_out has room for our_count + their_count. Returns the number
 * of pairs.
 */
int books_compare(const struct book_entry *ours, int our_count, const struct book_entry *theirs,
                  int their_count, struct book_pair *pairs_out);

#endif
