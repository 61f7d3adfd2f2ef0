/* The texts of the review causes, and how a payment records what was asked. */
#include "review.h"

#include <string.h>

static const char *const texts[] = {
    [REVIEW_NONE] = "",
    [REVIEW_OTHER_MONEY] = "The provider named another amount or currency.",
    [REVIEW_LESS_MONEY] = "Less money arrived than the order asks for.",
    [REVIEW_MORE_MONEY] =
        "More money arrived than the order asks for. The excess goes back to the payer.",
    [REVIEW_SURPLUS] = "Money arrived although another payment holds this order.",
    [REVIEW_SECOND_OBJECT] = "The provider reported a second object for this payment.",
    [REVIEW_ADOPTED] = "Adopted: the provider had this payment, and our rows of it were missing.",
    [REVIEW_UNANSWERED] = "The provider was asked often and did not say what became of it.",
    [REVIEW_REFUND_OTHER_AMOUNT] = "The provider refunded a different amount than was asked for.",
    [REVIEW_REFUND_SECOND_OBJECT] = "The provider reported a second object for one refund.",
    [REVIEW_REFUND_AFTER_REFUSAL] = "The provider made a refund that was given up.",
    [REVIEW_REFUND_WITHOUT_AMOUNT] = "The provider reported a refund without an amount.",
    [REVIEW_REFUND_TOO_LARGE] = "The provider refunded more than is left of the payment.",
    [REVIEW_REFUND_OTHER_CURRENCY] = "The provider reported a refund in another currency.",
    [REVIEW_REFUND_OF_OTHER_OBJECT] = "The provider reported a refund of another object's money.",
    [REVIEW_DISPUTE_OTHER_CURRENCY] = "The provider reported a dispute in another currency.",
    [REVIEW_REFUND_FAILED] = "A refund failed: the payer does not have the money.",
    [REVIEW_SECOND_PAGE] =
        "The provider has a second page of this payment; what came there is not booked.",
    [REVIEW_UNDER_WAY_TOO_LONG] =
        "The payer's attempt has been under way at the provider for longer than any attempt takes.",
    [REVIEW_REVERSED] =
        "The provider says that the money went back, and lists no refund or dispute.",
    [REVIEW_REFUND_NOT_LISTED] =
        ("The refund's answer was lost, and the provider's list shows none: it was probably not"
         " carried out."),
    [REVIEW_REFUND_MAYBE_OURS] =
        "The refund's answer was lost. The provider lists one that may be ours.",
    [REVIEW_REFUND_NEEDS_ATTENTION] =
        "A refund waits for the payer's bank details at the provider.",
};

_Static_assert(sizeof(texts) / sizeof(texts[0]) <= 31, "a cause is a bit of a positive integer");

const char *review_cause_text(enum review_cause cause)
{
    return texts[cause];
}

/* Appends to the reasons of a review that is still open; otherwise replaces the text. */
static void add_reason(struct payment *payment, const char *reason)
{
    char *const text = payment->review_reason;
    const size_t size = strlen(reason);
    size_t at = payment->needs_review ? strlen(text) : 0;

    if (at + 1 + size >= sizeof(payment->review_reason))
        return;                         /* no room; the timeline has it */
    if (at > 0)
        text[at++] = ' ';
    memcpy(text + at, reason, size + 1);
}

static void raise_saying(struct payment *payment, enum review_cause cause, const char *text)
{
    if (cause == REVIEW_NONE)
        return;
    if (!payment->needs_review || strstr(payment->review_reason, text) == NULL)
        add_reason(payment, text);
    payment->review_causes |= 1 << cause;
    payment->needs_review = true;
}

void review_raise(struct payment *payment, enum review_cause cause)
{
    raise_saying(payment, cause, texts[cause]);
}

void review_ask_saying(struct payment *payment, enum review_cause cause, const char *text)
{
    if ((payment->review_causes & 1 << cause) == 0)
        raise_saying(payment, cause, text);
}

void review_ask(struct payment *payment, enum review_cause cause)
{
    review_ask_saying(payment, cause, texts[cause]);
}

bool review_is_new(const struct payment *before, const struct payment *after)
{
    return (after->review_causes & ~before->review_causes) != 0
        || (after->needs_review && !before->needs_review)
        || strcmp(after->review_reason, before->review_reason) != 0;
}
