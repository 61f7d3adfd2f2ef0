/* Our side of a comparison with a provider's lists, and what the lists confirmed of it. */
#include "application/store/store_books.h"

#include "base/text.h"
#include "infrastructure/postgres/pg/statements.h"
#include "rows.h"

#define COPY(row, column, array) pg_row_copy((row), (column), (array), sizeof(array))

/* --- Objects by their references ------------------------------------------------------------- */

#define BOOK_COLUMNS \
    " coalesce(sum(t.amount_minor), 0) AS moved_minor, ms(min(t.occurred_at)) AS at_ms"
/* Is one of the names in $2, which has one per line. */
#define NAMED "ANY (string_to_array($2, E'\\n'))"

static const struct pg_statement book_charges = {
    .name = "book_charges",
    .sql =
        "SELECT p.provider_intent AS ref, p.payment_id, p.order_id, NULL AS refund_id, p.currency,"
        "   false AS elsewhere, false AS idle," BOOK_COLUMNS
        " FROM payments AS p"
        " LEFT JOIN transactions AS t ON t.payment_id = p.payment_id AND t.kind = 'charge'"
        " WHERE p.provider = $1 AND p.provider_intent = " NAMED
        " GROUP BY p.payment_id"
        " ORDER BY p.provider_intent COLLATE \"C\""
};

/* The provider may name a refund after its money was booked: the ledger then has our own id. */
static const struct pg_statement book_refunds = {
    .name = "book_refunds",
    .sql =
        "SELECT r.provider_ref AS ref, r.payment_id, p.order_id, r.refund_id, r.currency,"
        "   r.origin = 'elsewhere' AS elsewhere,"
        "   r.status IN ('failed', 'cancelled') AS idle," BOOK_COLUMNS
        " FROM refunds AS r JOIN payments AS p USING (payment_id)"
        " LEFT JOIN transactions AS t ON t.payment_id = r.payment_id"
        "   AND t.kind IN ('refund', 'refund_reversal')"
        "   AND t.provider_ref IN (r.provider_ref, r.refund_id)"
        " WHERE r.provider = $1 AND r.provider_ref = " NAMED
        " GROUP BY r.refund_id, p.order_id"
        " ORDER BY r.provider_ref COLLATE \"C\""
};

static const struct pg_statement book_disputes = {
    .name = "book_disputes",
    .sql =
        "SELECT d.provider_ref AS ref, d.payment_id, p.order_id, NULL AS refund_id, d.currency,"
        "   false AS elsewhere, false AS idle," BOOK_COLUMNS
        " FROM disputes AS d JOIN payments AS p USING (payment_id)"
        " LEFT JOIN transactions AS t ON t.payment_id = d.payment_id"
        "   AND t.kind IN ('dispute', 'dispute_reversal')"
        "   AND (t.provider_ref = d.provider_ref"
        "        OR starts_with(t.provider_ref, d.provider_ref || ':'))"
        " WHERE d.provider = $1 AND d.provider_ref = " NAMED
        " GROUP BY d.dispute_id, p.order_id"
        " ORDER BY d.provider_ref COLLATE \"C\""
};

static const struct pg_statement *const books[BOOK_KIND_COUNT] = {
    [BOOK_CHARGES] = &book_charges,
    [BOOK_REFUNDS] = &book_refunds,
    [BOOK_DISPUTES] = &book_disputes,
};

static struct book_entry row_entry(struct pg_row row)
{
    struct book_entry entry = { .idle = pg_row_bool(row, "idle") };

    COPY(row, "ref", entry.ref);
    COPY(row, "currency", entry.moved.currency);
    entry.moved.minor = pg_row_i64(row, "moved_minor");
    entry.at_ms = pg_row_i64(row, "at_ms");
    return entry;
}

static struct book_owner row_owner(struct pg_row row)
{
    struct book_owner owner = { .elsewhere = pg_row_bool(row, "elsewhere") };

    COPY(row, "payment_id", owner.payment_id.text);
    COPY(row, "order_id", owner.order_id.text);
    COPY(row, "refund_id", owner.refund_id.text);
    return owner;
}

static const char *lines_of(struct ctx *ctx, const char *const *refs, int count)
{
    struct text text = text_new(ctx->arena);

    for (int i = 0; i < count; i++)
        text_printf(&text, "%s%s", i > 0 ? "\n" : "", refs[i]);
    return count > 0 ? text.data : "";
}

const struct problem *store_book_find(struct ctx *ctx, const char *provider, enum book_kind kind,
                                      const char *const *refs, int count,
                                      struct our_book *book_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, provider);                               /* $1 */
    pg_text(&args, lines_of(ctx, refs, count));             /* $2 */
    pg_queue_many(ctx, books[kind], &args, &rows);
    TRY(pg_wait(ctx));
    book_out->count = rows.count;
    book_out->entries = arena_alloc(ctx->arena,
                                    (size_t) (rows.count + 1) * sizeof(struct book_entry));
    book_out->owners = arena_alloc(ctx->arena,
                                   (size_t) (rows.count + 1) * sizeof(struct book_owner));
    for (int i = 0; i < rows.count; i++) {
        book_out->entries[i] = row_entry(pg_row_at(&rows, i));
        book_out->owners[i] = row_owner(pg_row_at(&rows, i));
    }
    return OK;
}

/* --- What no list named -------------------------------------------------------------------- */

/* An id is made from occurred_at, give or take a clock's error, so $3 bounds the search. */
static const struct pg_statement ledger_unconfirmed = {
    .name = "ledger_unconfirmed",
    .sql =
        "SELECT t.transaction_id, t.kind, t.provider_ref AS ref, t.payment_id, t.order_id,"
        "   r.refund_id,"
        "   t.currency, coalesce(r.origin = 'elsewhere', false) AS elsewhere, false AS idle,"
        "   t.amount_minor AS moved_minor, ms(t.occurred_at) AS at_ms"
        " FROM transactions AS t"
        " LEFT JOIN refunds AS r ON t.kind IN ('refund', 'refund_reversal')"
        "   AND r.payment_id = t.payment_id AND t.provider_ref IN (r.provider_ref, r.refund_id)"
        " WHERE t.provider = $1 AND t.occurred_at >= at_ms($2)"
        "   AND t.occurred_at < at_ms($2) + interval '1 day'"
        "   AND t.transaction_id >= $3 AND t.transaction_id > $4"
        "   AND NOT EXISTS (SELECT FROM ledger_confirmations AS c"
        "                   WHERE c.transaction_id = t.transaction_id)"
        " ORDER BY t.transaction_id"
        " LIMIT $5"
};

static enum book_kind kind_of(const char *movement_kind)
{
    if (strcmp(movement_kind, "charge") == 0)
        return BOOK_CHARGES;
    return strncmp(movement_kind, "refund", strlen("refund")) == 0 ? BOOK_REFUNDS : BOOK_DISPUTES;
}

const struct problem *store_ledger_unconfirmed(struct ctx *ctx, const char *provider,
                                               int64_t day_ms, const char *after_id,
                                               struct ledger_row rows_out[LEDGER_ROWS_MAX],
                                               int *count_out)
{
    static const unsigned char least[ID_RANDOM_BYTES];
    char *bound = arena_alloc(ctx->arena, ID_TEXT_MAX);
    struct pg_args args = { 0 };
    struct pg_rows rows;

    id_print("txn", day_ms > DAY_MS ? day_ms - DAY_MS : 0, least, bound);
    pg_text(&args, provider);                               /* $1 */
    pg_i64(&args, day_ms);                                  /* $2 */
    pg_text(&args, bound);                                  /* $3 */
    pg_text(&args, after_id);                               /* $4 */
    pg_i64(&args, LEDGER_ROWS_MAX);                         /* $5 */
    pg_queue_many(ctx, &ledger_unconfirmed, &args, &rows);
    TRY(pg_wait(ctx));
    for (int i = 0; i < rows.count; i++) {
        struct pg_row row = pg_row_at(&rows, i);

        COPY(row, "transaction_id", rows_out[i].id);
        rows_out[i].kind = kind_of(pg_row_text(row, "kind"));
        rows_out[i].entry = row_entry(row);
        rows_out[i].owner = row_owner(row);
    }
    *count_out = rows.count;
    return OK;
}

/* --- What the lists confirmed -------------------------------------------------------------- */

/* $2: the kinds of movement. $4 and $5: names of the object; null for a payment's one charge. */
static const struct pg_statement ledger_confirm = {
    .name = "ledger_confirm",
    .sql =
        "INSERT INTO ledger_confirmations AS c"
        "   (transaction_id, reconciliation_id, told_ref, told_at, fee_minor, net_minor,"
        "    settled_currency,"
        "    confirmed_at)"
        " SELECT t.transaction_id, $1, $6, at_ms($7),"
        "   CASE WHEN t.is_first THEN $8::bigint END, CASE WHEN t.is_first THEN $9::bigint END,"
        "   CASE WHEN t.is_first THEN $10 END, at_ms($11)"
        " FROM (SELECT transaction_id,"
        "              row_number() OVER (ORDER BY transaction_id) = 1 AS is_first"
        "       FROM transactions"
        "       WHERE payment_id = $3 AND kind = ANY (string_to_array($2, ' '))"
        "         AND ($4::text IS NULL OR provider_ref IN ($4, $5)"
        "              OR starts_with(provider_ref, $4 || ':'))) AS t"
        " ON CONFLICT (transaction_id) DO UPDATE"
        " SET told_at = coalesce(c.told_at, excluded.told_at),"
        "     fee_minor = coalesce(c.fee_minor, excluded.fee_minor),"
        "     net_minor = coalesce(c.net_minor, excluded.net_minor),"
        "     settled_currency = coalesce(c.settled_currency, excluded.settled_currency)"
        " WHERE (c.told_at IS NULL AND excluded.told_at IS NOT NULL)"
        "    OR (c.fee_minor IS NULL AND excluded.fee_minor IS NOT NULL)"
        "    OR (c.net_minor IS NULL AND excluded.net_minor IS NOT NULL)"
};

static void pg_i64_if(struct pg_args *args, bool told, int64_t number)
{
    if (told)
        pg_i64(args, number);
    else
        pg_text(args, NULL);
}

void store_ledger_confirm(struct ctx *ctx, const struct reconciliation *run,
                          const struct confirmation *confirmation)
{
    static const char *const kinds[BOOK_KIND_COUNT] = {
        [BOOK_CHARGES] = "charge", [BOOK_REFUNDS] = "refund refund_reversal",
        [BOOK_DISPUTES] = "dispute dispute_reversal",
    };
    const bool is_charge = confirmation->kind == BOOK_CHARGES;
    struct pg_args args = { 0 };

    pg_text(&args, run->id);                                                /* $1 */
    pg_text(&args, kinds[confirmation->kind]);                              /* $2 */
    pg_text(&args, confirmation->owner.payment_id.text);                    /* $3 */
    pg_text(&args, is_charge ? NULL : confirmation->ref);                   /* $4 */
    pg_text(&args, confirmation->owner.refund_id.text);                     /* $5 */
    pg_text(&args, confirmation->told_ref);                                 /* $6 */
    pg_i64_or_null(&args, confirmation->told_at_ms);                        /* $7 */
    pg_i64_if(&args, confirmation->fee_told, confirmation->fee_minor);      /* $8 */
    pg_i64_if(&args, confirmation->net_told, confirmation->net_minor);      /* $9 */
    pg_text_or_null(&args, confirmation->settled_currency);                 /* $10 */
    pg_i64(&args, ctx->now_ms);                                             /* $11 */
    pg_queue_any(ctx, &ledger_confirm, &args);
}

const struct pg_statement *const book_statements[] = {
    &book_charges, &book_refunds, &book_disputes, &ledger_unconfirmed, &ledger_confirm, NULL
};
