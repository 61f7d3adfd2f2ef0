#include "reconciliation_json.h"

#include <string.h>

#include "application/queries.h"

const char *day_text(struct arena *arena, int64_t day_ms)
{
    char *day = arena_strdup(arena, rfc3339(arena, day_ms));

    day[strcspn(day, "T")] = '\0';
    return day;
}

static void members(struct ctx *ctx, struct text *text, const struct reconciliation *run)
{
    json_out_text(text, "id", run->id);
    json_out_text(text, "provider", run->provider);
    json_out_text(text, "day", day_text(ctx->arena, run->day_ms));
    json_out_text(text, "state", reconcile_state_name(run->state));
    json_out_i64(text, "passes", run->passes);
    json_out_i64(text, "compared", run->compared);
    json_out_i64(text, "foreign", run->foreigners);
    json_out_i64(text, "unreadable", run->unreadable);
    json_out_i64(text, "open", run->open);
    json_out_i64(text, "healed", run->healed);
    json_out_i64(text, "explained", run->explained);
    json_out_optional(text, "error", run->error);
    json_out_time(text, "startedAt", run->started_at_ms);
    json_out_time(text, "finishedAt", run->finished_at_ms);
}

void reconciliation_json(struct ctx *ctx, struct text *text, const struct reconciliation *run)
{
    text_append_char(text, '{');
    members(ctx, text, run);
    text_append_char(text, '}');
}

/* --- Findings ------------------------------------------------------------------------------ */

/* null: that side has it not. */
static void side(struct ctx *ctx, struct text *text, const char *name, const struct book_entry *entry)
{
    struct text object = text_new(ctx->arena);

    if (entry->ref[0] == '\0') {
        json_out_raw(text, name, "null");
        return;
    }
    text_append_char(&object, '{');
    json_out_money(&object, "amount", entry->moved);
    json_out_text(&object, "currency", entry->moved.currency);
    json_out_time(&object, "at", entry->at_ms);
    text_append_char(&object, '}');
    json_out_raw(text, name, object.data);
}

static void finding_json(struct ctx *ctx, struct text *text, const struct finding *finding)
{
    text_append_char(text, '{');
    json_out_i64(text, "number", finding->number);
    json_out_text(text, "kind", book_difference_name(finding->kind));
    json_out_text(text, "object", book_object_name(finding->object));
    json_out_text(text, "state", finding_state_name(finding->state));
    json_out_text(text, "externalId", finding->ref);
    json_out_optional(text, "paymentId", finding->owner.payment_id.text);
    json_out_optional(text, "orderId", finding->owner.order_id.text);
    side(ctx, text, "ours", &finding->ours);
    side(ctx, text, "theirs", &finding->theirs);
    json_out_raw(text, "evidence", finding->evidence);
    json_out_text(text, "note", finding->note);
    json_out_time(text, "foundAt", finding->found_at_ms);
    text_append_char(text, '}');
}

const struct problem *reconciliation_json_with_findings(struct ctx *ctx, struct text *text,
                                                        const struct reconciliation *run)
{
    struct text list = text_new(ctx->arena);
    struct finding *findings;
    int64_t after = 0;
    int count, total = 0;

    do {
        TRY(list_findings(ctx, run->id, after, &findings, &count));
        for (int i = 0; i < count; i++) {
            text_append(&list, total++ > 0 ? "," : "[");
            finding_json(ctx, &list, &findings[i]);
            after = findings[i].number;
        }
    } while (count == FINDINGS_PAGE && total < FINDINGS_JSON_MAX);
    text_append(&list, total > 0 ? "]" : "[]");
    text_append_char(text, '{');
    members(ctx, text, run);
    json_out_raw(text, "findings", list.data);
    json_out_bool(text, "moreFindings", count == FINDINGS_PAGE);
    text_append_char(text, '}');
    return OK;
}
