/* Finds out what a payment is from the whole pile of reports. */
#include "payment_model.h"

#include <string.h>

struct pile {
    const struct report *reports;
    size_t               count;
};

/* --- Questions about money ---------------------------------------------------------------- */

static bool somebody_said_captured(struct pile pile, int64_t at_least)
{
    for (size_t i = 0; i < pile.count; i++)
        if (pile.reports[i].kind == REPORT_FACTS
                && pile.reports[i].facts.captured_minor >= at_least)
            return true;
    return false;
}

/* The amounts of the test are below a thousand: find the edge by halving. */
static int64_t captured(struct pile pile)
{
    int64_t said = 0, not_said = 1024;

    while (not_said - said > 1) {
        const int64_t middle = (said + not_said) / 2;

        if (somebody_said_captured(pile, middle))
            said = middle;
        else
            not_said = middle;
    }
    return said;
}

static bool somebody_said_closed(struct pile pile, enum payment_close reason)
{
    for (size_t i = 0; i < pile.count; i++)
        if (pile.reports[i].kind == REPORT_FACTS && pile.reports[i].facts.closed == reason)
            return true;
    return false;
}

static bool somebody_said_mismatch(struct pile pile)
{
    for (size_t i = 0; i < pile.count; i++)
        if (pile.reports[i].kind == REPORT_FACTS && pile.reports[i].facts.mismatch)
            return true;
    return false;
}

static bool somebody_accepted(struct pile pile)
{
    for (size_t i = 0; i < pile.count; i++)
        if (pile.reports[i].kind == REPORT_FACTS && pile.reports[i].facts.accepted)
            return true;
    return false;
}

/* --- Questions about refunds and disputes ------------------------------------------------- */

static bool somebody_said_refund(struct pile pile, int refund, enum refund_status status)
{
    for (size_t i = 0; i < pile.count; i++)
        if (pile.reports[i].kind == REPORT_REFUND && pile.reports[i].refund == refund
                && pile.reports[i].refund_status == status)
            return true;
    return false;
}

static enum refund_status refund(struct pile pile, int which)
{
    if (somebody_said_refund(pile, which, REFUND_FAILED))
        return REFUND_FAILED;
    if (somebody_said_refund(pile, which, REFUND_CANCELLED))
        return REFUND_CANCELLED;
    if (somebody_said_refund(pile, which, REFUND_SUCCEEDED))
        return REFUND_SUCCEEDED;
    if (somebody_said_refund(pile, which, REFUND_REQUIRES_ACTION))
        return REFUND_REQUIRES_ACTION;
    return REFUND_PENDING;
}

static bool somebody_said_dispute(struct pile pile, enum dispute_status status)
{
    for (size_t i = 0; i < pile.count; i++)
        if (pile.reports[i].kind == REPORT_DISPUTE && pile.reports[i].dispute == status)
            return true;
    return false;
}

static void ask_for_dispute(struct pile pile, struct model_answer *answer)
{
    const bool won = somebody_said_dispute(pile, DISPUTE_WON);
    const bool lost = somebody_said_dispute(pile, DISPUTE_LOST);

    answer->dispute_contradictory = won && lost;
    if (won != lost)
        answer->dispute = won ? DISPUTE_WON : DISPUTE_LOST;
    else if (!won && somebody_said_dispute(pile, DISPUTE_CLOSED))
        answer->dispute = DISPUTE_CLOSED;
    else if (won || somebody_said_dispute(pile, DISPUTE_OPEN))
        answer->dispute = DISPUTE_OPEN;
    else
        answer->dispute = somebody_said_dispute(pile, DISPUTE_INQUIRY) ? DISPUTE_INQUIRY : DISPUTE_NONE;
}

/* --- Questions about the payer's way ------------------------------------------------------ */

static int64_t latest_time(struct pile pile)
{
    int64_t latest = INT64_MIN;

    for (size_t i = 0; i < pile.count; i++)
        if (pile.reports[i].kind == REPORT_FACTS
                && pile.reports[i].facts.snapshot.progress != PROGRESS_NONE
                && pile.reports[i].facts.snapshot.at_s > latest)
            latest = pile.reports[i].facts.snapshot.at_s;
    return latest;
}

static bool somebody_saw(struct pile pile, int64_t at_s, enum payment_progress progress)
{
    for (size_t i = 0; i < pile.count; i++)
        if (pile.reports[i].kind == REPORT_FACTS
                && pile.reports[i].facts.snapshot.at_s == at_s
                && pile.reports[i].facts.snapshot.progress == progress)
            return true;
    return false;
}

/* Of the failures seen at that time, the one whose code and reason come last in a dictionary. */
static void ask_for_failure(struct pile pile, int64_t at_s, struct model_answer *answer)
{
    for (size_t i = 0; i < pile.count; i++) {
        const struct payment_snapshot *seen = &pile.reports[i].facts.snapshot;

        if (pile.reports[i].kind != REPORT_FACTS || seen->at_s != at_s
                || seen->progress != PROGRESS_FAILED)
            continue;
        if (strcmp(seen->failure_code, answer->failure_code) < 0)
            continue;
        if (strcmp(seen->failure_code, answer->failure_code) == 0
                && strcmp(seen->failure_reason, answer->failure_reason) < 0)
            continue;
        answer->failure_code = seen->failure_code;
        answer->failure_reason = seen->failure_reason;
    }
}

static enum payment_progress progress(struct pile pile, int64_t at_s)
{
    if (somebody_saw(pile, at_s, PROGRESS_FAILED))
        return PROGRESS_FAILED;
    if (somebody_saw(pile, at_s, PROGRESS_PROCESSING))
        return PROGRESS_PROCESSING;
    if (somebody_saw(pile, at_s, PROGRESS_REQUIRES_ACTION))
        return PROGRESS_REQUIRES_ACTION;
    return somebody_saw(pile, at_s, PROGRESS_OPENED) ? PROGRESS_OPENED : PROGRESS_NONE;
}

static enum payment_close closed(struct pile pile)
{
    if (somebody_said_closed(pile, PAYMENT_CLOSED_CANCELLED))
        return PAYMENT_CLOSED_CANCELLED;
    if (somebody_said_closed(pile, PAYMENT_CLOSED_EXPIRED))
        return PAYMENT_CLOSED_EXPIRED;
    return somebody_said_closed(pile, PAYMENT_CLOSED_FAILED) ? PAYMENT_CLOSED_FAILED : PAYMENT_OPEN;
}

static enum payment_status unpaid_status(const struct model_answer *answer)
{
    if (answer->closed == PAYMENT_CLOSED_CANCELLED)
        return PAYMENT_CANCELLED;
    if (answer->closed == PAYMENT_CLOSED_EXPIRED)
        return PAYMENT_EXPIRED;
    if (answer->closed == PAYMENT_CLOSED_FAILED || answer->progress == PROGRESS_FAILED)
        return PAYMENT_FAILED;
    if (answer->progress == PROGRESS_REQUIRES_ACTION)
        return PAYMENT_REQUIRES_ACTION;
    return answer->progress == PROGRESS_NONE ? PAYMENT_PENDING : PAYMENT_PROCESSING;
}

/* Counting down what is left, where the domain compares sums. */
static enum payment_status paid_status(const struct model_answer *answer)
{
    int64_t left = answer->captured_minor;

    for (int i = 0; i < WORLD_REFUNDS; i++)
        if (answer->refunds[i] == REFUND_SUCCEEDED)
            left -= world_refund_minor[i];
    if (left <= 0)
        return PAYMENT_REFUNDED;
    if (WORLD_DUE_MINOR - answer->captured_minor > 0 && !answer->accepted)
        return PAYMENT_PROCESSING;
    return left == answer->captured_minor ? PAYMENT_COMPLETED : PAYMENT_PARTIALLY_REFUNDED;
}

struct model_answer model_ask(const struct report *reports, size_t count)
{
    const struct pile pile = { reports, count };
    struct model_answer answer = { .failure_code = "", .failure_reason = "" };

    answer.captured_minor = captured(pile);
    answer.mismatch = somebody_said_mismatch(pile);
    answer.accepted = somebody_accepted(pile);
    for (int i = 0; i < WORLD_REFUNDS; i++) {
        answer.refunds[i] = refund(pile, i);
        if (answer.refunds[i] == REFUND_SUCCEEDED)
            answer.refunded_minor += world_refund_minor[i];
    }
    ask_for_dispute(pile, &answer);
    answer.closed = closed(pile);
    answer.progress_at_s = latest_time(pile);
    answer.progress = progress(pile, answer.progress_at_s);
    ask_for_failure(pile, answer.progress_at_s, &answer);
    answer.status = answer.captured_minor > 0 ? paid_status(&answer) : unpaid_status(&answer);
    answer.can_take_money = answer.captured_minor == 0 && answer.closed == PAYMENT_OPEN;
    return answer;
}

const char *model_difference(const struct model_answer *answer, const struct world *world,
                             enum payment_status status)
{
    for (int i = 0; i < WORLD_REFUNDS; i++)
        if (answer->refunds[i] != world->refunds[i])
            return "the status of a refund";
    if (answer->captured_minor != world->facts.captured_minor)
        return "the captured amount";
    if (answer->refunded_minor != world->facts.refunded_minor)
        return "the refunded amount";
    if (answer->status != status)
        return "the status of the payment";
    if (answer->can_take_money != payment_is_open(&world->facts))
        return "whether money can still come";
    if (answer->closed != world->facts.closed)
        return "why the payment was closed";
    if (answer->progress != world->facts.snapshot.progress)
        return "how far the payer got";
    if (answer->progress != PROGRESS_NONE && answer->progress_at_s != world->facts.snapshot.at_s)
        return "when the payer got there";
    if (answer->mismatch != world->facts.mismatch)
        return "the mismatch";
    if (answer->accepted != world->facts.accepted)
        return "what was accepted";
    if (answer->dispute != world->dispute.status
            || answer->dispute_contradictory != world->dispute.contradictory)
        return "the dispute";
    if (strcmp(answer->failure_code, world->facts.snapshot.failure_code) != 0
            || strcmp(answer->failure_reason, world->facts.snapshot.failure_reason) != 0)
        return "why the payment failed";
    return NULL;
}
