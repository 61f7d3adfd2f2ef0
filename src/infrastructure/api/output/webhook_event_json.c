#include "webhook_event_json.h"

#include "application/audit/masking.h"
#include "json_out.h"

/* --- An event ------------------------------------------------------------------------------ */

static void write_members(struct text *text, const struct webhook_event *event)
{
    json_out_text(text, "id", event->inbox_id);
    json_out_text(text, "provider", event->provider);
    json_out_text(text, "eventId", event->event_id);
    json_out_text(text, "type", event->type);
    json_out_text(text, "status", event->status);
    json_out_optional(text, "reason", event->reason);
    json_out_optional(text, "paymentId", event->payment_id);
    json_out_bool(text, "livemode", event->livemode);
    json_out_raw(text, "attemptCount", arena_printf(text->arena, "%d", event->attempts));
    json_out_time(text, "eventCreatedAt", event->event_created_at_ms);
    json_out_time(text, "receivedAt", event->received_at_ms);
    json_out_time(text, "nextAttemptAt", event->next_at_ms);
    json_out_time(text, "finishedAt", event->finished_at_ms);
    json_out_text(text, "traceId", event->trace_id);
}

void webhook_event_json(struct text *text, const struct webhook_event *event)
{
    text_append_char(text, '{');
    write_members(text, event);
    text_append_char(text, '}');
}

static void write_attempt(struct text *text, const struct webhook_attempt *attempt)
{
    text_append_char(text, '{');
    json_out_time(text, "at", attempt->at_ms);
    json_out_text(text, "by", attempt->actor);
    json_out_text(text, "outcome", attempt->outcome);
    json_out_optional(text, "reason", attempt->reason);
    json_out_text(text, "traceId", attempt->trace_id);
    text_append_char(text, '}');
}

void webhook_event_details_json(struct text *text, const struct webhook_event_details *details)
{
    bool kept = details->body.size > 0;

    text_append_char(text, '{');
    write_members(text, &details->event);
    json_out_raw(text, "body", kept ? mask_json(text->arena, details->body) : "null");
    json_out_raw(text, "attempts", "[");
    for (int i = 0; i < details->attempt_count; i++) {
        text_append(text, i > 0 ? "," : "");
        write_attempt(text, &details->attempts[i]);
    }
    text_append(text, "]}");
}

/* --- A trial ------------------------------------------------------------------------------- */

const char *webhook_outcome_name(enum webhook_outcome outcome)
{
    switch (outcome) {
    case WEBHOOK_APPLIED:    return "applied";
    case WEBHOOK_NOT_FOR_US: return "ignored";
    case WEBHOOK_DUPLICATE:
    case WEBHOOK_STORED:     return "waiting";
    }
    return "waiting";
}

static const char *state_json(struct arena *arena, const struct payment *payment)
{
    struct text text = text_new(arena);

    text_append_char(&text, '{');
    json_out_text(&text, "status", payment_status_name(payment->status));
    json_out_money(&text, "refundedAmount", (struct money) { payment->facts.refunded_minor,
                   { payment->amount.currency[0], payment->amount.currency[1],
                     payment->amount.currency[2] } });
    json_out_bool(&text, "needsReview", payment->needs_review);
    text_append_char(&text, '}');
    return text.data;
}

static void write_movements(struct text *text, const struct webhook_trial *trial)
{
    struct money amount = trial->before.amount;

    json_out_raw(text, "transactions", "[");
    for (int i = 0; i < trial->effect.movement_count; i++) {
        amount.minor = trial->effect.movements[i].amount_minor;
        text_append(text, i > 0 ? ",{" : "{");
        json_out_text(text, "type", trial->effect.movements[i].kind);
        json_out_money(text, "amount", amount);
        json_out_text(text, "currency", amount.currency);
        text_append_char(text, '}');
    }
    text_append_char(text, ']');
}

static void write_events(struct text *text, const struct webhook_trial *trial)
{
    json_out_raw(text, "domainEvents", "[");
    for (int i = 0; i < trial->effect.event_count; i++) {
        text_append(text, i > 0 ? "," : "");
        text_append_json_string(text, trial->effect.events[i]);
    }
    text_append_char(text, ']');
}

void webhook_trial_json(struct text *text, const char *inbox_id, const struct webhook_trial *trial)
{
    text_append_char(text, '{');
    json_out_text(text, "id", inbox_id);
    json_out_bool(text, "dryRun", true);
    json_out_text(text, "outcome", webhook_outcome_name(trial->outcome));
    json_out_optional(text, "reason", trial->reason);
    json_out_optional(text, "paymentId", trial->payment_found ? trial->before.id.text : "");
    json_out_raw(text, "before",
                 trial->payment_found ? state_json(text->arena, &trial->before) : "null");
    json_out_raw(text, "after", trial->payment_found
                 ? state_json(text->arena, &trial->effect.payment) : "null");
    write_movements(text, trial);
    write_events(text, trial);
    text_append_char(text, '}');
}
