#include "domain/event.h"

static const char *const names[] = {
    [EVENT_NONE]                  = "none",
    [EVENT_ORDER_CREATED]         = "order.created",
    [EVENT_PAYMENT_CREATED]       = "payment.created",
    [EVENT_PAYMENT_PROCESSING]    = "payment.processing",
    [EVENT_PAYMENT_COMPLETED]     = "payment.completed",
    [EVENT_PAYMENT_FAILED]        = "payment.failed",
    [EVENT_PAYMENT_CANCELLED]     = "payment.cancelled",
    [EVENT_PAYMENT_EXPIRED]       = "payment.expired",
    [EVENT_PAYMENT_REVIEW_NEEDED] = "payment.review_needed",
    [EVENT_PAYMENT_ATTACHED]      = "payment.attached",
    [EVENT_REFUND_CREATED]        = "refund.created",
    [EVENT_REFUND_SUCCEEDED]      = "refund.succeeded",
    [EVENT_REFUND_FAILED]         = "refund.failed",
    [EVENT_DISPUTE_OPENED]        = "dispute.opened",
    [EVENT_DISPUTE_CLOSED]        = "dispute.closed",
};

static bool is_captured(enum payment_status status);

const char *event_type_name(enum event_type type)
{
    return names[type];
}

/*
 * Once the money is here, refunds speak for themselves. A payment that goes straight to refunded
 * (the refund was reported first) was completed all the same, and says so. Between processing and
 * requires_action, and when a payer tries again, nothing new is said.
 */
enum event_type event_of_transition(enum payment_status from, enum payment_status to)
{
    if (from == to || is_captured(from))
        return EVENT_NONE;
    switch (to) {
    case PAYMENT_PENDING:               return EVENT_NONE;
    case PAYMENT_PROCESSING:
    case PAYMENT_REQUIRES_ACTION:       return from == PAYMENT_PENDING ? EVENT_PAYMENT_PROCESSING
                                                                       : EVENT_NONE;
    case PAYMENT_COMPLETED:
    case PAYMENT_PARTIALLY_REFUNDED:
    case PAYMENT_REFUNDED:              return EVENT_PAYMENT_COMPLETED;
    case PAYMENT_FAILED:                return EVENT_PAYMENT_FAILED;
    case PAYMENT_CANCELLED:             return EVENT_PAYMENT_CANCELLED;
    case PAYMENT_EXPIRED:               return EVENT_PAYMENT_EXPIRED;
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
