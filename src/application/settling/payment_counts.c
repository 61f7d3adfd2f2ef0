/* How payments end: completed, failed and why, cancelled, expired. */
#include "payment_counts.h"

#include "base/metrics.h"

#define OTHER "other"

/* Codes that are counted under their own names; docs/metrics.md lists them. */
static const char *const codes[] = {
    "authentication_required", "call_issuer", "card_declined", "do_not_honor", "expired_card",
    "fraudulent", "generic_decline", "incorrect_cvc", "incorrect_number", "insufficient_funds",
    "invalid_account", "issuer_not_available", "lost_card", "pickup_card", "processing_error",
    "stolen_card", "transaction_not_allowed", "try_again_later", "withdrawal_count_limit_exceeded",
};

static const char *code_of(const struct payment *payment)
{
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (strcmp(codes[i], payment->facts.snapshot.failure_code) == 0)
            return codes[i];
    return OTHER;
}

/* NULL: the event is no end. */
static const char *outcome_of(enum domain_event event)
{
    switch ((int) event) {
    case DOMAIN_EVENT_PAYMENT_COMPLETED: return "completed";
    case DOMAIN_EVENT_PAYMENT_FAILED:    return "failed";
    case DOMAIN_EVENT_PAYMENT_CANCELLED: return "cancelled";
    case DOMAIN_EVENT_PAYMENT_EXPIRED:   return "expired";
    }
    return NULL;
}

void payment_count_change(const struct payment *payment, enum domain_event event)
{
    const char *outcome = outcome_of(event);

    if (outcome != NULL)
        metrics_add(METRIC_PAYMENTS_FINISHED, 1, METRIC_VALUES(payment->provider, outcome));
    if (event == DOMAIN_EVENT_PAYMENT_FAILED)
        metrics_add(METRIC_PAYMENT_FAILURES, 1, METRIC_VALUES(payment->provider, code_of(payment)));
}
