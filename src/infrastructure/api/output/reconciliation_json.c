/* A comparison and its findings as JSON. */
#include "reconciliation_json.h"

#include <string.h>

#include "answer_json.h"
#include "application/queries.h"
#include "base/rfc3339.h"

const char *day_text(struct arena *arena, int64_t day_ms)
{
    char *day = arena_strdup(arena, rfc3339_text(arena, day_ms));

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
    json_out_object(text, NULL);
    members(ctx, text, run);
    json_out_object_end(text);
}

/* --- Findings ------------------------------------------------------------------------------ */

/* null: that side has it not. */
static void side(struct text *text, const char *name, const struct book_entry *entry)
{
    if (entry->ref[0] == '\0') {
        json_out_null(text, name);
        return;
    }
    json_out_object(text, name);
    json_out_money(text, "amount", entry->moved);
    json_out_text(text, "currency", entry->moved.currency);
    json_out_time(text, "at", entry->at_ms);
    json_out_object_end(text);
}

static void finding_json(struct text *text, const struct finding *finding)
{
    json_out_object(text, NULL);
    json_out_i64(text, "number", finding->number);
    json_out_text(text, "kind", book_difference_name(finding->kind));
    json_out_text(text, "object", book_object_name(finding->object));
    json_out_text(text, "state", finding_state_name(finding->state));
    json_out_text(text, "externalId", finding->ref);
    json_out_optional(text, "paymentId", finding->owner.payment_id.text);
    json_out_optional(text, "orderId", finding->owner.order_id.text);
    side(text, "ours", &finding->ours);
    side(text, "theirs", &finding->theirs);
    json_out_raw(text, "evidence", finding->evidence);
    json_out_text(text, "note", finding->note);
    json_out_time(text, "foundAt", finding->found_at_ms);
    json_out_object_end(text);
}

const struct problem *reconciliation_json_with_findings(struct ctx *ctx, struct text *text,
                                                        const struct reconciliation *run)
{
    struct finding *findings;
    int64_t after = 0;
    int count, total = 0;

    json_out_object(text, NULL);
    members(ctx, text, run);
    json_out_array(text, "findings");
    do {
        TRY(list_findings(ctx, run->id, after, &findings, &count));
        for (int i = 0; i < count; i++)
            finding_json(text, &findings[i]);
        after = count > 0 ? findings[count - 1].number : after;
        total += count;
    } while (count == FINDINGS_PAGE && total < FINDINGS_JSON_MAX);
    json_out_array_end(text);
    json_out_bool(text, "moreFindings", count == FINDINGS_PAGE);
    json_out_object_end(text);
    return OK;
}
