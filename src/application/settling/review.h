/*
 * review.h - a question that only a human can answer.
 *
 * Each cause is asked about once and not again after a human has answered; the payment keeps the
 * set of causes it was asked about (struct payment, review_causes). Text for people:
 * review_cause_text.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_REVIEW_H
#define PAYAPI_APPLICATION_SETTLING_REVIEW_H

#include "domain/payment.h"

/* Stored as bit numbers (payments.review_causes): new ones come at the end. */
enum review_cause {
    REVIEW_NONE,
    REVIEW_OTHER_MONEY,                 /* another amount is named, or another currency or mode */
    REVIEW_LESS_MONEY,
    REVIEW_MORE_MONEY,
    REVIEW_SURPLUS,
    REVIEW_SECOND_OBJECT,
    REVIEW_ADOPTED,
    REVIEW_UNANSWERED,
    REVIEW_REFUND_OTHER_AMOUNT,
    REVIEW_REFUND_SECOND_OBJECT,
    REVIEW_REFUND_AFTER_REFUSAL,
    REVIEW_REFUND_WITHOUT_AMOUNT,
    REVIEW_REFUND_TOO_LARGE,
    REVIEW_REFUND_OTHER_CURRENCY,
    REVIEW_REFUND_OF_OTHER_OBJECT,
    REVIEW_DISPUTE_OTHER_CURRENCY,
    REVIEW_REFUND_FAILED,
    REVIEW_REFUND_NEEDS_ATTENTION,
    REVIEW_SECOND_PAGE,
    REVIEW_UNDER_WAY_TOO_LONG,
    REVIEW_REVERSED,
    REVIEW_REFUND_NOT_LISTED,
    REVIEW_REFUND_MAYBE_OURS
};

const char *review_cause_text(enum review_cause cause);
/* Raises the flag, unless this cause was asked about before. REVIEW_NONE asks nothing. */
void review_ask(struct payment *payment, enum review_cause cause);
/* The same with the caller's text, which lays out what is known. */
void review_ask_saying(struct payment *payment, enum review_cause cause, const char *text);
/*
 * Raises the flag even if the cause was asked about before: for an event that happened just now and
 * cannot happen to the same object again.
 */
void review_raise(struct payment *payment, enum review_cause cause);
/* True when after asks something that before did not. */
bool review_is_new(const struct payment *before, const struct payment *after);

#endif
