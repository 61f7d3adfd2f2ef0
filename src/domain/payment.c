/* A payment's facts: how they merge, the status that follows, and the names of both. */
#include "domain/payment.h"

#include <string.h>

#include "domain/names.h"

static bool is_newer(const struct payment_snapshot *a, const struct payment_snapshot *b);
static enum payment_status closed_status(enum payment_close closed);
static enum payment_status open_status(enum payment_progress progress);
static enum payment_status captured_status(const struct payment_facts *facts, int64_t due_minor);

/*
 * Each merged fact is the larger of both in a total order, so the merge is commutative, associative
 * and idempotent fact by fact.
 */
struct payment_facts payment_facts_merge(struct payment_facts a, struct payment_facts b)
{
    struct payment_facts merged = a;

    if (b.captured_minor > a.captured_minor)
        merged.captured_minor = b.captured_minor;
    if (b.closed > a.closed)
        merged.closed = b.closed;
    if (is_newer(&b.snapshot, &a.snapshot))
        merged.snapshot = b.snapshot;
    merged.mismatch = a.mismatch || b.mismatch;
    merged.accepted = a.accepted || b.accepted;
    return merged;
}

bool payment_facts_equal(const struct payment_facts *a, const struct payment_facts *b)
{
    return a->captured_minor == b->captured_minor
        && a->closed == b->closed
        && !is_newer(&a->snapshot, &b->snapshot)
        && !is_newer(&b->snapshot, &a->snapshot)
        && a->mismatch == b->mismatch
        && a->accepted == b->accepted
        && a->refunded_minor == b->refunded_minor;
}

/* Money first, then the end of the provider's object, and only then how far the payer got. */
enum payment_status payment_derive(const struct payment_facts *facts, int64_t due_minor)
{
    if (facts->captured_minor > 0)
        return captured_status(facts, due_minor);
    if (facts->closed != PAYMENT_OPEN)
        return closed_status(facts->closed);
    return open_status(facts->snapshot.progress);
}

bool payment_is_underpaid(const struct payment_facts *facts, int64_t due_minor)
{
    return facts->captured_minor > 0 && facts->captured_minor < due_minor && !facts->accepted;
}

bool payment_is_open(const struct payment_facts *facts)
{
    return facts->captured_minor <= 0 && facts->closed == PAYMENT_OPEN;
}

enum payment_outcome payment_outcome(const struct payment_facts *facts)
{
    if (facts->captured_minor > 0)
        return OUTCOME_PAID;
    if (facts->closed != PAYMENT_OPEN)
        return OUTCOME_NOT_PAID;
    return facts->snapshot.progress == PROGRESS_PROCESSING ? OUTCOME_CONFIRMING : OUTCOME_OPEN;
}

/* --- The lifecycle ------------------------------------------------------------------------ */

/* The statuses, with failed, processing and refunded each split in two. */
enum stage {
    STAGE_PENDING,
    STAGE_PROCESSING,
    STAGE_REQUIRES_ACTION,
    STAGE_FAILED_SOFT,          /* the payer may try again on the same page */
    STAGE_FAILED_CLOSED,
    STAGE_EXPIRED,
    STAGE_CANCELLED,
    STAGE_UNDERPAID,            /* less money came than is due */
    STAGE_UNDERPAID_REFUNDED,   /* ... and all of it went back */
    STAGE_COMPLETED,
    STAGE_PARTIALLY_REFUNDED,
    STAGE_REFUNDED
};

/*
 * The whole lifecycle: a row per stage, a column per status. Four things may surprise. A closed
 * payment completes when the money comes late, and is processing again when less came than is due.
 * It gets another label only for a higher reason (failed < expired < cancelled). A failed refund
 * gives back what it had taken. A payment goes straight to refunded when the refund was reported
 * before the capture.
 */
static const bool lifecycle[][PAYMENT_STATUS_COUNT] = {
/*  from              \ to:  pend proc  act comp fail canc  exp part  ref */
    [STAGE_PENDING]            = { 1, 1, 1, 1, 1, 1, 1, 1, 1 },
    [STAGE_PROCESSING]         = { 0, 1, 1, 1, 1, 1, 1, 1, 1 },
    [STAGE_REQUIRES_ACTION]    = { 0, 1, 1, 1, 1, 1, 1, 1, 1 },
    [STAGE_FAILED_SOFT]        = { 0, 1, 1, 1, 1, 1, 1, 1, 1 },
    [STAGE_FAILED_CLOSED]      = { 0, 1, 0, 1, 1, 1, 1, 1, 1 },
    [STAGE_EXPIRED]            = { 0, 1, 0, 1, 0, 1, 1, 1, 1 },
    [STAGE_CANCELLED]          = { 0, 1, 0, 1, 0, 1, 0, 1, 1 },
    [STAGE_UNDERPAID]          = { 0, 1, 0, 1, 0, 0, 0, 1, 1 },
    [STAGE_UNDERPAID_REFUNDED] = { 0, 1, 0, 0, 0, 0, 0, 1, 1 },
    [STAGE_COMPLETED]          = { 0, 0, 0, 1, 0, 0, 0, 1, 1 },
    [STAGE_PARTIALLY_REFUNDED] = { 0, 0, 0, 1, 0, 0, 0, 1, 1 },
    [STAGE_REFUNDED]           = { 0, 0, 0, 1, 0, 0, 0, 1, 1 },
};

static enum stage stage_of(const struct payment_facts *facts, int64_t due_minor)
{
    const enum payment_status status = payment_derive(facts, due_minor);

    if (payment_is_underpaid(facts, due_minor))
        return status == PAYMENT_REFUNDED ? STAGE_UNDERPAID_REFUNDED : STAGE_UNDERPAID;
    switch (status) {
    case PAYMENT_PENDING:               return STAGE_PENDING;
    case PAYMENT_PROCESSING:            return STAGE_PROCESSING;
    case PAYMENT_REQUIRES_ACTION:       return STAGE_REQUIRES_ACTION;
    case PAYMENT_COMPLETED:             return STAGE_COMPLETED;
    case PAYMENT_FAILED:                return payment_is_open(facts) ? STAGE_FAILED_SOFT
                                                                      : STAGE_FAILED_CLOSED;
    case PAYMENT_CANCELLED:             return STAGE_CANCELLED;
    case PAYMENT_EXPIRED:               return STAGE_EXPIRED;
    case PAYMENT_PARTIALLY_REFUNDED:    return STAGE_PARTIALLY_REFUNDED;
    case PAYMENT_REFUNDED:              return STAGE_REFUNDED;
    }
    __builtin_unreachable();
}

bool payment_may_become(const struct payment_facts *from, int64_t due_minor, enum payment_status to)
{
    return lifecycle[stage_of(from, due_minor)][to];
}

/* --- Deriving ----------------------------------------------------------------------------- */

static enum payment_status captured_status(const struct payment_facts *facts, int64_t due_minor)
{
    if (facts->refunded_minor >= facts->captured_minor)
        return PAYMENT_REFUNDED;
    if (payment_is_underpaid(facts, due_minor))
        return PAYMENT_PROCESSING;
    return facts->refunded_minor <= 0 ? PAYMENT_COMPLETED : PAYMENT_PARTIALLY_REFUNDED;
}

static enum payment_status closed_status(enum payment_close closed)
{
    switch (closed) {
    case PAYMENT_OPEN:
    case PAYMENT_CLOSED_FAILED:         return PAYMENT_FAILED;
    case PAYMENT_CLOSED_EXPIRED:        return PAYMENT_EXPIRED;
    case PAYMENT_CLOSED_CANCELLED:      return PAYMENT_CANCELLED;
    }
    __builtin_unreachable();
}

static enum payment_status open_status(enum payment_progress progress)
{
    switch (progress) {
    case PROGRESS_NONE:                 return PAYMENT_PENDING;
    case PROGRESS_OPENED:
    case PROGRESS_PROCESSING:           return PAYMENT_PROCESSING;
    case PROGRESS_REQUIRES_ACTION:      return PAYMENT_REQUIRES_ACTION;
    case PROGRESS_FAILED:               return PAYMENT_FAILED;
    }
    __builtin_unreachable();
}

/*
 * The total order of snapshots. A known progress beats an unknown one, whatever the times:
 * otherwise a payment could return to pending. The texts decide only between equal failures, so
 * that two workers keep the same one.
 */
static bool is_newer(const struct payment_snapshot *a, const struct payment_snapshot *b)
{
    const bool a_known = a->progress != PROGRESS_NONE, b_known = b->progress != PROGRESS_NONE;
    int order;

    if (a_known != b_known)
        return a_known;
    if (a->at_s != b->at_s)
        return a->at_s > b->at_s;
    if (a->progress != b->progress)
        return a->progress > b->progress;
    order = strcmp(a->failure_code, b->failure_code);
    return order != 0 ? order > 0 : strcmp(a->failure_reason, b->failure_reason) > 0;
}

/* --- Names -------------------------------------------------------------------------------- */

static const char *const status_names[] = {
    [PAYMENT_PENDING]            = "pending",
    [PAYMENT_PROCESSING]         = "processing",
    [PAYMENT_REQUIRES_ACTION]    = "requires_action",
    [PAYMENT_COMPLETED]          = "completed",
    [PAYMENT_FAILED]             = "failed",
    [PAYMENT_CANCELLED]          = "cancelled",
    [PAYMENT_EXPIRED]            = "expired",
    [PAYMENT_PARTIALLY_REFUNDED] = "partially_refunded",
    [PAYMENT_REFUNDED]           = "refunded",
};

static const char *const close_names[] = {
    [PAYMENT_OPEN]             = "open",
    [PAYMENT_CLOSED_FAILED]    = "failed",
    [PAYMENT_CLOSED_EXPIRED]   = "expired",
    [PAYMENT_CLOSED_CANCELLED] = "cancelled",
};

static const char *const progress_names[] = {
    [PROGRESS_NONE]            = "none",
    [PROGRESS_OPENED]          = "opened",
    [PROGRESS_REQUIRES_ACTION] = "requires_action",
    [PROGRESS_PROCESSING]      = "processing",
    [PROGRESS_FAILED]          = "failed",
};

static const char *const outcome_names[] = {
    [OUTCOME_OPEN]       = "open",
    [OUTCOME_CONFIRMING] = "confirming",
    [OUTCOME_PAID]       = "paid",
    [OUTCOME_NOT_PAID]   = "not_paid",
};

_Static_assert(NAME_COUNT(status_names) == PAYMENT_STATUS_COUNT, "every status has a name");

const char *payment_status_name(enum payment_status status)
{
    return status_names[status];
}

const char *payment_close_name(enum payment_close close)
{
    return close_names[close];
}

const char *payment_progress_name(enum payment_progress progress)
{
    return progress_names[progress];
}

const char *payment_outcome_name(enum payment_outcome outcome)
{
    return outcome_names[outcome];
}

bool payment_status_parse(const char *name, enum payment_status *status_out)
{
    const size_t i = name_index(status_names, NAME_COUNT(status_names), name);

    if (i == NAME_COUNT(status_names))
        return false;
    *status_out = (enum payment_status) i;
    return true;
}

bool payment_close_parse(const char *name, enum payment_close *close_out)
{
    const size_t i = name_index(close_names, NAME_COUNT(close_names), name);

    if (i == NAME_COUNT(close_names))
        return false;
    *close_out = (enum payment_close) i;
    return true;
}

bool payment_progress_parse(const char *name, enum payment_progress *progress_out)
{
    const size_t i = name_index(progress_names, NAME_COUNT(progress_names), name);

    if (i == NAME_COUNT(progress_names))
        return false;
    *progress_out = (enum payment_progress) i;
    return true;
}
