/* The names of domain events, and the event that a change of status announces. */
#include "domain/domain_event.h"

static const char *const names[] = {
    "none",
#define DOMAIN_EVENT(name, text) text,
#include "domain/domain_events.def"
};

static bool is_captured(enum payment_status status);

const char *domain_event_name(enum domain_event type)
{
    return names[type];
}

/*
 * Once the money is here, refunds have events of their own. A payment that goes straight to
 * refunded (the refund was reported first) was completed too, and emits that. Changes between
 * processing and requires_action, and a payer's new attempt, emit nothing.
 */
enum domain_event domain_event_of_transition(enum payment_status from, enum payment_status to)
{
    if (from == to || is_captured(from))
        return DOMAIN_EVENT_NONE;
    switch (to) {
    case PAYMENT_PENDING:               return DOMAIN_EVENT_NONE;
    case PAYMENT_PROCESSING:
    case PAYMENT_REQUIRES_ACTION:
        return from == PAYMENT_PENDING ? DOMAIN_EVENT_PAYMENT_PROCESSING : DOMAIN_EVENT_NONE;
    case PAYMENT_COMPLETED:
    case PAYMENT_PARTIALLY_REFUNDED:
    case PAYMENT_REFUNDED:              return DOMAIN_EVENT_PAYMENT_COMPLETED;
    case PAYMENT_FAILED:                return DOMAIN_EVENT_PAYMENT_FAILED;
    case PAYMENT_CANCELLED:             return DOMAIN_EVENT_PAYMENT_CANCELLED;
    case PAYMENT_EXPIRED:               return DOMAIN_EVENT_PAYMENT_EXPIRED;
    }
    __builtin_unreachable();
}

static bool is_captured(enum payment_status status)
{
    switch (status) {
    case PAYMENT_COMPLETED:
    case PAYMENT_PARTIALLY_REFUNDED:
    case PAYMENT_REFUNDED:              return true;
    case PAYMENT_PENDING:
    case PAYMENT_PROCESSING:
    case PAYMENT_REQUIRES_ACTION:
    case PAYMENT_FAILED:
    case PAYMENT_CANCELLED:
    case PAYMENT_EXPIRED:               return false;
    }
    __builtin_unreachable();
}
