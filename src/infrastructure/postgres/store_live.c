/* Payments as payapi-stream follows them: one statement for all viewers. */
#include "application/store/store_live.h"

#include "base/text.h"
#include "infrastructure/postgres/pg/statements.h"
#include "rows.h"

/* Walks a payment's numbers back to the last one that was announced. */
static const struct pg_statement live_states = {
    .name = "live_states",
    .sql =
        "SELECT v.place,"
        "   coalesce((SELECT a.seq FROM audit_log AS a"
        "             WHERE a.payment_id = p.payment_id AND a.event_type IS NOT NULL"
        "             ORDER BY a.seq DESC LIMIT 1), 0) AS seq,"
        PAYMENT_COLUMNS
        " FROM unnest($1::bigint[], $2::text[]) AS v (place, payment_id)"
        "   JOIN payments AS p ON p.payment_id = v.payment_id"
        "   JOIN orders AS o USING (order_id)"
        " ORDER BY v.place"
};

/* Costs one look into the index per viewer, however long the table is. */
static const struct pg_statement live_changes = {
    .name = "live_changes",
    .sql =
        "SELECT v.place, a.seq,"
        PAYMENT_COLUMNS
        " FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS v (place, payment_id, after)"
        "   CROSS JOIN LATERAL ("
        "       SELECT seq FROM audit_log"
        "       WHERE audit_log.payment_id = v.payment_id AND seq > v.after"
        "         AND event_type IS NOT NULL"
        "       ORDER BY seq LIMIT $4) AS a"
        "   JOIN payments AS p ON p.payment_id = v.payment_id"
        "   JOIN orders AS o USING (order_id)"
        " ORDER BY v.place, a.seq"
        " LIMIT $4"
};

/* --- Arrays: numbers and ids need no quotes ------------------------------------------------- */

static const char *places_of(struct ctx *ctx, const struct live_question *questions, int count)
{
    struct text text = text_new(ctx->arena);

    for (int i = 0; i < count; i++)
        text_printf(&text, "%c%d", i == 0 ? '{' : ',', questions[i].place);
    text_append(&text, "}");
    return text_bytes(&text).data;
}

static const char *ids_of(struct ctx *ctx, const struct live_question *questions, int count)
{
    struct text text = text_new(ctx->arena);

    for (int i = 0; i < count; i++)
        text_printf(&text, "%c%s", i == 0 ? '{' : ',', questions[i].payment_id.text);
    text_append(&text, "}");
    return text_bytes(&text).data;
}

static const char *numbers_of(struct ctx *ctx, const struct live_question *questions, int count)
{
    struct text text = text_new(ctx->arena);

    for (int i = 0; i < count; i++) {
        text_append_char(&text, i == 0 ? '{' : ',');
        text_append_i64(&text, questions[i].after);
    }
    text_append(&text, "}");
    return text_bytes(&text).data;
}

/* --- Questions and answers ------------------------------------------------------------------ */

static void read_answers(struct ctx *ctx, const struct pg_rows *rows,
                         struct live_answer **answers_out, int *count_out)
{
    *answers_out = arena_alloc(ctx->arena, (size_t) rows->count * sizeof(**answers_out));
    *count_out = rows->count;
    for (int i = 0; i < rows->count; i++) {
        struct pg_row row = pg_row_at(rows, i);

        (*answers_out)[i] = (struct live_answer) {
            .place = (int) pg_row_i64(row, "place"),
            .seq = pg_row_i64(row, "seq"),
            .payment = row_payment(row),
        };
    }
}

const struct problem *store_live_states(struct ctx *ctx, const struct live_question *questions,
                                        int question_count, struct live_answer **answers_out,
                                        int *answer_count_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, places_of(ctx, questions, question_count));          /* $1 */
    pg_text(&args, ids_of(ctx, questions, question_count));             /* $2 */
    pg_queue_many(ctx, &live_states, &args, &rows);
    TRY(pg_wait(ctx));
    read_answers(ctx, &rows, answers_out, answer_count_out);
    return OK;
}

const struct problem *store_live_changes(struct ctx *ctx, const struct live_question *questions,
                                         int question_count, struct live_answer **answers_out,
                                         int *answer_count_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, places_of(ctx, questions, question_count));          /* $1 */
    pg_text(&args, ids_of(ctx, questions, question_count));             /* $2 */
    pg_text(&args, numbers_of(ctx, questions, question_count));         /* $3 */
    pg_i64(&args, LIVE_ROWS_MAX);                                       /* $4 */
    pg_queue_many(ctx, &live_changes, &args, &rows);
    TRY(pg_wait(ctx));
    read_answers(ctx, &rows, answers_out, answer_count_out);
    return OK;
}

const struct pg_statement *const live_statements[] = { &live_states, &live_changes, NULL };
