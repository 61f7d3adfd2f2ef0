/*
 * store_books.h - our side of a comparison, and what the provider said of it (see store.h for queue
 * and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_BOOKS_H
#define PAYAPI_APPLICATION_STORE_STORE_BOOKS_H

#include "domain/books.h"
#include "store_reconcile.h"

struct book_owner {
    struct payment_id payment_id;
    struct order_id   order_id;
    struct refund_id  refund_id;        /* of a refund */
    bool              elsewhere;        /* a refund by other means, which no provider knows */
};

struct our_book {
    struct book_entry *entries;         /* sorted by ref */
    struct book_owner *owners;          /* one each */
    int                count;
};

/* What we have about these objects; refs that we do not know are left out. */
const struct problem *store_book_find(struct ctx *ctx, const char *provider, enum book_kind kind,
                                      const char *const *refs, int count,
                                      struct our_book *book_out);               /* wait */

/* A row of the ledger that no list has confirmed yet. */
struct ledger_row {
    char              id[ID_TEXT_MAX];
    enum book_kind    kind;
    struct book_entry entry;            /* the row alone */
    struct book_owner owner;
};
#define LEDGER_ROWS_MAX 50

/* Rows of that day, oldest first, after that id ("": from the first on). */
const struct problem *store_ledger_unconfirmed(struct ctx *ctx, const char *provider,
                                               int64_t day_ms, const char *after_id,
                                               struct ledger_row rows_out[LEDGER_ROWS_MAX],
                                               int *count_out);                 /* wait */

/* What the provider said of an object. */
struct confirmation {
    enum book_kind    kind;
    struct book_owner owner;
    char              ref[PROVIDER_REF_MAX];        /* as our ledger names it */
    char              told_ref[PROVIDER_REF_MAX];   /* as the list names it: "ch_..." */
    int64_t           told_at_ms;       /* 0: not told */
    bool              fee_told, net_told;
    int64_t           fee_minor, net_minor;         /* in settled_currency */
    char              settled_currency[4];          /* "" unless one is told */
};
/* Confirms all ledger rows about that object; the first one gets fee and net. */
void store_ledger_confirm(struct ctx *ctx, const struct reconciliation *run,
                          const struct confirmation *confirmation);             /* queue */

#endif
