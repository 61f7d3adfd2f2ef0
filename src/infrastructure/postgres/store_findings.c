/* Findings of comparisons: noted once, listed, locked and explained. */
#include "application/store/store_findings.h"

#include <assert.h>

#include "infrastructure/postgres/pg/statements.h"
#include "rows.h"

#define COPY(row, column, array) pg_row_copy((row), (column), (array), sizeof(array))

/* --- Writing ------------------------------------------------------------------------------- */

#define STILL_EXPLAINED \
    "f.explained_at IS NOT NULL AND excluded.state = 'open'" \
    " AND (f.our_minor, f.our_currency, f.their_minor, f.their_currency) IS NOT DISTINCT FROM" \
    "     (excluded.our_minor, excluded.our_currency," \
    "      excluded.their_minor, excluded.their_currency)"

static const struct pg_statement finding_put = {
    .name = "finding_put",
    .sql =
        "INSERT INTO reconciliation_findings AS f"
        "   (reconciliation_id, kind, object, provider_ref, payment_id, order_id,"
        "    our_minor, our_currency, our_at, their_minor, their_currency, their_at, evidence,"
        "    state, note, pass, found_at, changed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, at_ms($9), $10, $11,"
        "   at_ms($12), $13::jsonb, $14, $15, $16,"
        "         at_ms($17), at_ms($17))"
        " ON CONFLICT (reconciliation_id, kind, object, provider_ref) DO UPDATE"
        " SET payment_id = excluded.payment_id, order_id = excluded.order_id,"
        "     our_minor = excluded.our_minor, our_currency = excluded.our_currency,"
        "     our_at = excluded.our_at,"
        "     their_minor = excluded.their_minor, their_currency = excluded.their_currency,"
        "     their_at = excluded.their_at, evidence = excluded.evidence, pass = excluded.pass,"
        "     state = CASE WHEN " STILL_EXPLAINED " THEN f.state ELSE excluded.state END,"
        "     note = CASE WHEN " STILL_EXPLAINED " THEN f.note ELSE excluded.note END,"
        "     explained_at = CASE WHEN " STILL_EXPLAINED " THEN f.explained_at END,"
        "     changed_at = CASE WHEN f.state = excluded.state OR " STILL_EXPLAINED
        "                       THEN f.changed_at ELSE excluded.changed_at END"
};

/* Amount, currency and time of one side; all three are null if that side lacks the object. */
static void put_side(struct pg_args *args, const struct book_entry *entry)
{
    const bool is_there = entry->ref[0] != '\0';

    if (is_there)
        pg_i64(args, entry->moved.minor);
    else
        pg_text(args, NULL);
    pg_text(args, is_there ? entry->moved.currency : NULL);
    pg_i64_or_null(args, is_there ? entry->at_ms : 0);
}

void store_finding_put(struct ctx *ctx, const struct reconciliation *run,
                       const struct finding *finding)
{
    struct pg_args args = { 0 };

    pg_text(&args, run->id);                                        /* $1 */
    pg_text(&args, book_difference_name(finding->kind));            /* $2 */
    pg_text(&args, book_object_name(finding->object));              /* $3 */
    pg_text(&args, finding->ref);                                   /* $4 */
    pg_text_or_null(&args, finding->owner.payment_id.text);         /* $5 */
    pg_text_or_null(&args, finding->owner.order_id.text);           /* $6 */
    put_side(&args, &finding->ours);                                /* $7 $8 $9 */
    put_side(&args, &finding->theirs);                              /* $10 $11 $12 */
    pg_text(&args, finding->evidence);                              /* $13 */
    pg_text(&args, finding_state_name(finding->state));             /* $14 */
    pg_text(&args, finding->note);                                  /* $15 */
    pg_i64(&args, run->passes);                                     /* $16 */
    pg_i64(&args, ctx->now_ms);                                     /* $17 */
    pg_queue_any(ctx, &finding_put, &args);
}

/* --- Reading ------------------------------------------------------------------------------- */

#define FINDING_COLUMNS \
    " finding_id, kind, object, provider_ref, payment_id, order_id," \
    " our_minor, our_currency, ms(our_at) AS our_at_ms, our_minor IS NOT NULL AS ours," \
    " their_minor, their_currency, ms(their_at) AS their_at_ms," \
    " their_minor IS NOT NULL AS theirs," \
    " evidence::text AS evidence, state, note, ms(found_at) AS found_at_ms"

static const struct pg_statement findings_list = {
    .name = "findings_list",
    .sql =
        "SELECT" FINDING_COLUMNS
        " FROM reconciliation_findings"
        " WHERE reconciliation_id = $1 AND finding_id > $2"
        " ORDER BY finding_id"
        " LIMIT $3"
};

static enum book_difference difference_of(const char *name)
{
    enum book_difference at = BOOKS_AGREE;

    while (strcmp(book_difference_name(at), name) != 0) {
        assert(at < BOOKS_OTHER_DAY);
        at++;
    }
    return at;
}

static enum book_kind object_of(const char *name)
{
    enum book_kind at = BOOK_CHARGES;

    while (strcmp(book_object_name(at), name) != 0) {
        assert(at < BOOK_DISPUTES);
        at++;
    }
    return at;
}

static enum finding_state state_of(const char *name)
{
    enum finding_state at = FINDING_OPEN;

    while (strcmp(finding_state_name(at), name) != 0) {
        assert(at < FINDING_EXPLAINED);
        at++;
    }
    return at;
}

static void read_ours(struct pg_row row, struct book_entry *entry)
{
    if (!pg_row_bool(row, "ours"))
        return;
    COPY(row, "provider_ref", entry->ref);
    COPY(row, "our_currency", entry->moved.currency);
    entry->moved.minor = pg_row_i64(row, "our_minor");
    entry->at_ms = pg_row_i64(row, "our_at_ms");
}

static void read_theirs(struct pg_row row, struct book_entry *entry)
{
    if (!pg_row_bool(row, "theirs"))
        return;
    COPY(row, "provider_ref", entry->ref);
    COPY(row, "their_currency", entry->moved.currency);
    entry->moved.minor = pg_row_i64(row, "their_minor");
    entry->at_ms = pg_row_i64(row, "their_at_ms");
}

static struct finding row_finding(struct pg_row row)
{
    struct finding finding = {
        .number = pg_row_i64(row, "finding_id"),
        .kind = difference_of(pg_row_text(row, "kind")),
        .object = object_of(pg_row_text(row, "object")),
        .evidence = pg_row_text(row, "evidence"),
        .state = state_of(pg_row_text(row, "state")),
        .found_at_ms = pg_row_i64(row, "found_at_ms"),
    };

    COPY(row, "provider_ref", finding.ref);
    COPY(row, "payment_id", finding.owner.payment_id.text);
    COPY(row, "order_id", finding.owner.order_id.text);
    COPY(row, "note", finding.note);
    read_ours(row, &finding.ours);
    read_theirs(row, &finding.theirs);
    return finding;
}

const struct problem *store_findings_list(struct ctx *ctx, const char *id, int64_t after,
                                          struct finding **findings_out, int *count_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;
    struct finding *findings;

    pg_text(&args, id);                                             /* $1 */
    pg_i64(&args, after);                                           /* $2 */
    pg_i64(&args, FINDINGS_PAGE);                                   /* $3 */
    pg_queue_many(ctx, &findings_list, &args, &rows);
    TRY(pg_wait(ctx));
    findings = arena_alloc(ctx->arena, (size_t) (rows.count + 1) * sizeof(*findings));
    for (int i = 0; i < rows.count; i++)
        findings[i] = row_finding(pg_row_at(&rows, i));
    *findings_out = findings;
    *count_out = rows.count;
    return OK;
}

/* --- Explaining ---------------------------------------------------------------------------- */

static const struct pg_statement finding_lock = {
    .name = "finding_lock",
    .sql =
        "SELECT reconciliation_id," FINDING_COLUMNS
        " FROM reconciliation_findings"
        " WHERE finding_id = $1"
        " FOR NO KEY UPDATE"
};

const struct problem *store_finding_lock(struct ctx *ctx, int64_t number,
                                         struct found_finding *found_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;
    struct pg_row row;

    pg_i64(&args, number);                                          /* $1 */
    pg_queue_optional(ctx, &finding_lock, &args, &rows);
    TRY(pg_wait(ctx));
    *found_out = (struct found_finding) { .found = rows.count == 1 };
    if (!found_out->found)
        return OK;
    row = pg_row_at(&rows, 0);
    found_out->finding = row_finding(row);
    COPY(row, "reconciliation_id", found_out->reconciliation_id);
    return OK;
}

static const struct pg_statement finding_explain = {
    .name = "finding_explain",
    .sql =
        "WITH explained AS ("
        "   UPDATE reconciliation_findings"
        "   SET state = 'explained', note = $2, explained_at = at_ms($3), changed_at = at_ms($3)"
        "   WHERE finding_id = $1 AND state = 'open'"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM explained"
};

void store_finding_explain(struct ctx *ctx, int64_t number, const char *reason)
{
    struct pg_args args = { 0 };

    pg_i64(&args, number);                                          /* $1 */
    pg_text(&args, reason);                                         /* $2 */
    pg_i64(&args, ctx->now_ms);                                     /* $3 */
    pg_queue_one(ctx, &finding_explain, &args, NULL);
}

const struct pg_statement *const finding_statements[] = {
    &finding_put, &findings_list, &finding_lock, &finding_explain, NULL
};
