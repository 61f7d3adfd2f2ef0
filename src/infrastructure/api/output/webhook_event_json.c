/* An event of the inbox, its attempts, and the trial of a replay as JSON. */
#include "webhook_event_json.h"

#include "answer_json.h"
#include "application/audit/masking.h"

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
    json_out_i64(text, "attemptCount", event->attempts);
    json_out_time(text, "eventCreatedAt", event->event_created_at_ms);
    json_out_time(text, "receivedAt", event->received_at_ms);
    json_out_time(text, "nextAttemptAt", event->next_at_ms);
    json_out_time(text, "finishedAt", event->finished_at_ms);
    json_out_text(text, "traceId", event->trace_id);
}

void webhook_event_json(struct text *text, const struct webhook_event *event)
{
    json_out_object(text, NULL);
    write_members(text, event);
    json_out_object_end(text);
}

static void write_attempt(struct text *text, const struct webhook_attempt *attempt)
{
    json_out_object(text, NULL);
    json_out_time(text, "at", attempt->at_ms);
    json_out_text(text, "by", attempt->actor);
    json_out_text(text, "outcome", attempt->outcome);
    json_out_optional(text, "reason", attempt->reason);
    json_out_text(text, "traceId", attempt->trace_id);
    json_out_object_end(text);
}

void webhook_event_details_json(struct text *text, const struct webhook_event_details *details)
{
    bool kept = details->body.size > 0;

    json_out_object(text, NULL);
    write_members(text, &details->event);
    json_out_raw(text, "body", kept ? mask_json(text->arena, details->body) : "null");
    json_out_array(text, "attempts");
    for (int i = 0; i < details->attempt_count; i++)
        write_attempt(text, &details->attempts[i]);
    json_out_array_end(text);
    json_out_object_end(text);
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

/* null: there is no payment. */
static void write_state(struct text *text, const char *name, bool found,
                        const struct payment *payment)
{
    struct money refunded = payment->amount;

    if (!found) {
        json_out_null(text, name);
        return;
    }
    refunded.minor = payment->facts.refunded_minor;
    json_out_object(text, name);
    json_out_text(text, "status", payment_status_name(payment->status));
    json_out_money(text, "refundedAmount", refunded);
    json_out_bool(text, "needsReview", payment->needs_review);
    json_out_object_end(text);
}

static void write_movements(struct text *text, const struct webhook_trial *trial)
{
    struct money amount = trial->before.amount;

    json_out_array(text, "transactions");
    for (int i = 0; i < trial->effect.movement_count; i++) {
        amount.minor = trial->effect.movements[i].amount_minor;
        json_out_object(text, NULL);
        json_out_text(text, "type", trial->effect.movements[i].kind);
        json_out_money(text, "amount", amount);
        json_out_text(text, "currency", amount.currency);
        json_out_object_end(text);
    }
    json_out_array_end(text);
}

static void write_events(struct text *text, const struct webhook_trial *trial)
{
    json_out_array(text, "domainEvents");
    for (int i = 0; i < trial->effect.event_count; i++)
        json_out_text(text, NULL, trial->effect.events[i]);
    json_out_array_end(text);
}

void webhook_trial_json(struct text *text, const char *inbox_id, const struct webhook_trial *trial)
{
    json_out_object(text, NULL);
    json_out_text(text, "id", inbox_id);
    json_out_bool(text, "dryRun", true);
    json_out_text(text, "outcome", webhook_outcome_name(trial->outcome));
    json_out_optional(text, "reason", trial->reason);
    json_out_optional(text, "paymentId", trial->payment_found ? trial->before.id.text : "");
    write_state(text, "before", trial->payment_found, &trial->before);
    write_state(text, "after", trial->payment_found, &trial->effect.payment);
    write_movements(text, trial);
    write_events(text, trial);
    json_out_object_end(text);
}
