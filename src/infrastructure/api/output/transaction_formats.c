/* Movements of money as JSON, and all that match as CSV or NDJSON, written row by row. */
#include "transaction_formats.h"

#include "answer_json.h"
#include "application/queries.h"
#include "base/json_out.h"
#include "base/rfc3339.h"

/* --- JSON ------------------------------------------------------------------------------------ */

/* Two members, as json_out_money. */
static void money_or_null(struct text *text, const char *name, bool told, struct money amount)
{
    if (told) {
        json_out_money(text, name, amount);
        return;
    }
    json_out_null(text, name);
    json_out_null(text, arena_printf(text->arena, "%sMinor", name));
}

void transaction_json(struct text *text, const struct transaction *transaction)
{
    json_out_object(text, NULL);
    json_out_text(text, "id", transaction->id);
    json_out_text(text, "type", transaction->kind);
    json_out_text(text, "status", TRANSACTION_STATUS);
    json_out_money(text, "amount", transaction->amount);
    json_out_text(text, "currency", transaction->amount.currency);
    json_out_text(text, "provider", transaction->provider);
    json_out_optional(text, "externalId", transaction->provider_ref);
    json_out_text(text, "paymentId", transaction->payment_id.text);
    json_out_text(text, "orderId", transaction->order_id.text);
    json_out_time(text, "occurredAt", transaction->occurred_at_ms);
    json_out_time(text, "recordedAt", transaction->recorded_at_ms);
    json_out_text(text, "traceId", transaction->trace_id);
    money_or_null(text, "fee", transaction->fee_told, transaction->fee);
    money_or_null(text, "net", transaction->net_told, transaction->net);
    json_out_optional(text, "settlementCurrency", transaction->fee.currency);
    json_out_object_end(text);
}

/* --- Exports --------------------------------------------------------------------------------- */

static bool put_text(const struct transaction_writer *writer, const struct text *text)
{
    struct sink *sink = writer->target;

    return sink->put(sink, text_bytes(text));
}

/* --- CSV ------------------------------------------------------------------------------------- */

static const char csv_head[] = "id,type,status,amount,amountMinor,currency,provider,externalId,"
                               "paymentId,orderId,occurredAt,recordedAt,traceId,fee,feeMinor,"
                               "net,netMinor,settlementCurrency\r\n";

/* Two cells. */
static void money_or_empty(struct ctx *ctx, struct text *text, bool told, struct money amount)
{
    char decimal[MONEY_TEXT_MAX] = "";

    if (told)
        money_print_decimal(amount, decimal);
    csv_number(text, decimal);
    csv_number(text, told ? arena_printf(ctx->arena, "%lld", (long long) amount.minor) : "");
}

static bool write_row(struct ctx *ctx, const struct transaction_writer *writer,
                      const struct transaction *transaction)
{
    struct text text = text_new(ctx->arena);
    char decimal[MONEY_TEXT_MAX];

    money_print_decimal(transaction->amount, decimal);
    csv_text(&text, transaction->id);
    csv_text(&text, transaction->kind);
    csv_text(&text, TRANSACTION_STATUS);
    csv_number(&text, decimal);
    csv_number(&text, arena_printf(ctx->arena, "%lld", (long long) transaction->amount.minor));
    csv_text(&text, transaction->amount.currency);
    csv_text(&text, transaction->provider);
    csv_text(&text, transaction->provider_ref);
    csv_text(&text, transaction->payment_id.text);
    csv_text(&text, transaction->order_id.text);
    csv_text(&text, rfc3339_text(ctx->arena, transaction->occurred_at_ms));
    csv_text(&text, rfc3339_text(ctx->arena, transaction->recorded_at_ms));
    csv_text(&text, transaction->trace_id);
    money_or_empty(ctx, &text, transaction->fee_told, transaction->fee);
    money_or_empty(ctx, &text, transaction->net_told, transaction->net);
    csv_text(&text, transaction->fee.currency);
    csv_end_row(&text);
    return put_text(writer, &text);
}

static const struct problem *write_csv(struct ctx *ctx, const struct answer_stream *stream,
                                       struct sink *sink)
{
    const struct transaction_writer writer = { .write = write_row, .target = sink };

    if (!sink->put(sink, bytes_of(csv_head)))
        return problem_new(ctx->arena, PROBLEM_INTERNAL, "The reader is gone.");
    return export_transactions(ctx, stream->work, &writer);
}

/* --- NDJSON ---------------------------------------------------------------------------------- */

static bool write_line(struct ctx *ctx, const struct transaction_writer *writer,
                       const struct transaction *transaction)
{
    struct text text = text_new(ctx->arena);

    transaction_json(&text, transaction);
    text_append_char(&text, '\n');
    return put_text(writer, &text);
}

static const struct problem *write_ndjson(struct ctx *ctx, const struct answer_stream *stream,
                                          struct sink *sink)
{
    const struct transaction_writer writer = { .write = write_line, .target = sink };

    return export_transactions(ctx, stream->work, &writer);
}

/* --- Both ------------------------------------------------------------------------------------ */

static struct answer_stream *stream_of(struct arena *arena, const struct transaction_filter *filter)
{
    struct answer_stream *stream = arena_alloc(arena, sizeof(*stream));
    struct transaction_filter *kept = arena_alloc(arena, sizeof(*kept));

    *kept = *filter;
    stream->work = kept;
    return stream;
}

const struct answer_stream *transactions_as_csv(struct arena *arena,
                                                const struct transaction_filter *filter)
{
    struct answer_stream *stream = stream_of(arena, filter);

    stream->content_type = CSV_TYPE "; charset=utf-8; header=present";
    stream->file_name = "transactions.csv";
    stream->write = write_csv;
    return stream;
}

const struct answer_stream *transactions_as_ndjson(struct arena *arena,
                                                   const struct transaction_filter *filter)
{
    struct answer_stream *stream = stream_of(arena, filter);

    stream->content_type = NDJSON_TYPE;
    stream->file_name = "transactions.ndjson";
    stream->write = write_ndjson;
    return stream;
}
