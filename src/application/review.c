#include "review.h"

#include <stdio.h>

void review_ask(struct payment *payment, const char *reason)
{
    if (payment->needs_review)
        return;
    payment->needs_review = true;
    snprintf(payment->review_reason, sizeof(payment->review_reason), "%s", reason);
}
