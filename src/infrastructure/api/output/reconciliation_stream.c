/* The findings of a comparison as CSV, written page by page. */
#include "reconciliation_stream.h"

#include "application/queries.h"
#include "base/rfc3339.h"
#include "reconciliation_json.h"

static const char csv_head[] =
    "provider,day,number,kind,object,state,externalId,paymentId,orderId,"
    "ourAmount,ourAmountMinor,ourCurrency,ourAt,"
    "theirAmount,theirAmountMinor,theirCurrency,theirAt,note,foundAt\r\n";

/* Four cells; empty when that side does not have the object. */
static void side(struct ctx *ctx, struct text *text, const struct book_entry *entry)
{
    const bool is_there = entry->ref[0] != '\0';
    char decimal[MONEY_TEXT_MAX] = "";

    if (is_there)
        money_print_decimal(entry->moved, decimal);
    csv_number(text, decimal);
    csv_number(text, is_there ? arena_printf(ctx->arena, "%lld", (long long) entry->moved.minor)
                              : "");
    csv_text(text, entry->moved.currency);
    csv_text(text, entry->at_ms != 0 ? rfc3339_text(ctx->arena, entry->at_ms) : "");
}

static void write_row(struct ctx *ctx, struct text *text, const struct reconciliation *run,
                      const struct finding *finding)
{
    csv_text(text, run->provider);
    csv_text(text, day_text(ctx->arena, run->day_ms));
    csv_number(text, arena_printf(ctx->arena, "%lld", (long long) finding->number));
    csv_text(text, book_difference_name(finding->kind));
    csv_text(text, book_object_name(finding->object));
    csv_text(text, finding_state_name(finding->state));
    csv_text(text, finding->ref);
    csv_text(text, finding->owner.payment_id.text);
    csv_text(text, finding->owner.order_id.text);
    side(ctx, text, &finding->ours);
    side(ctx, text, &finding->theirs);
    csv_text(text, finding->note);
    csv_text(text, rfc3339_text(ctx->arena, finding->found_at_ms));
    csv_end_row(text);
}

static const struct problem *write_csv(struct ctx *ctx, const struct answer_stream *stream,
                                       struct sink *sink)
{
    const struct reconciliation *run = stream->work;
    struct text text = text_new(ctx->arena);
    struct finding *findings;
    int64_t after = 0;
    int count;

    text_append(&text, csv_head);
    do {
        TRY(list_findings(ctx, run->id, after, &findings, &count));
        for (int i = 0; i < count; i++)
            write_row(ctx, &text, run, &findings[i]);
        if (!sink->put(sink, text_bytes(&text)))
            return problem_new(ctx->arena, PROBLEM_INTERNAL, "The reader is gone.");
        text.size = 0;
        after = count > 0 ? findings[count - 1].number : after;
    } while (count == FINDINGS_PAGE);
    return OK;
}

const struct answer_stream *findings_as_csv(struct arena *arena, const struct reconciliation *run)
{
    struct answer_stream *stream = arena_alloc(arena, sizeof(*stream));
    struct reconciliation *kept = arena_alloc(arena, sizeof(*kept));

    *kept = *run;
    *stream = (struct answer_stream) {
        .content_type = CSV_TYPE "; charset=utf-8; header=present", .file_name = "findings.csv",
        .write = write_csv, .work = kept,
    };
    return stream;
}
