/* A dispute's facts: how they merge, and what money they hold. */
#include "domain/dispute.h"

#include "domain/names.h"

static const char *const names[] = {
    [DISPUTE_NONE]    = "none",
    [DISPUTE_INQUIRY] = "inquiry",
    [DISPUTE_OPEN]    = "open",
    [DISPUTE_CLOSED]  = "closed",
    [DISPUTE_WON]     = "won",
    [DISPUTE_LOST]    = "lost",
};

static bool is_contradiction(struct dispute_fact a, struct dispute_fact b);
static struct dispute_facts words_of_one_moment(struct dispute_facts a, struct dispute_facts b);
static int64_t larger(int64_t a, int64_t b);

/*
 * The least upper bound in this order, hence commutative, associative and idempotent:
 *
 *                                    won
 *   none - inquiry - open - closed <      > contradictory, which reads "open": nobody knows the end
 *                                    lost
 */
struct dispute_fact dispute_merge(struct dispute_fact a, struct dispute_fact b)
{
    if (is_contradiction(a, b))
        return (struct dispute_fact) { DISPUTE_OPEN, true };
    return a.status > b.status ? a : b;
}

static void take_known_amount(const struct dispute_facts *known, struct dispute_facts *news)
{
    news->amount_assumed = false;
    news->amount_minor = known->amount_minor;
    if (news->withdrawn_minor > 0)
        news->withdrawn_minor = known->amount_minor;
}

static void correct_assumption(struct dispute_facts *known, int64_t told_minor)
{
    known->amount_assumed = false;
    known->amount_minor = told_minor;
    if (known->withdrawn_minor > told_minor)
        known->reinstated_minor =
            larger(known->reinstated_minor, known->withdrawn_minor - told_minor);
}

void dispute_settle_amounts(struct dispute_facts *known, struct dispute_facts *news)
{
    if (news->amount_assumed && !known->amount_assumed)
        take_known_amount(known, news);
    else if (known->amount_assumed && !news->amount_assumed)
        correct_assumption(known, news->amount_minor);
}

/*
 * An appeal reopens a dispute that was won, and a closed inquiry can still become a dispute. So the
 * newer report of the state counts, and rank decides only between reports of the same moment.
 */
struct dispute_facts dispute_facts_merge(struct dispute_facts a, struct dispute_facts b)
{
    struct dispute_facts merged = a.at_ms > b.at_ms ? a
                                  : b.at_ms > a.at_ms ? b : words_of_one_moment(a, b);

    merged.amount_assumed = a.amount_assumed && b.amount_assumed;
    merged.due_at_s = larger(a.due_at_s, b.due_at_s);
    merged.withdrawn_minor = larger(a.withdrawn_minor, b.withdrawn_minor);
    merged.reinstated_minor = larger(a.reinstated_minor, b.reinstated_minor);
    return merged;
}

bool dispute_facts_equal(const struct dispute_facts *a, const struct dispute_facts *b)
{
    return a->at_ms == b->at_ms
        && a->fact.status == b->fact.status
        && a->fact.contradictory == b->fact.contradictory
        && strcmp(a->provider_status, b->provider_status) == 0
        && strcmp(a->reason, b->reason) == 0
        && a->amount_minor == b->amount_minor
        && a->amount_assumed == b->amount_assumed
        && a->due_at_s == b->due_at_s
        && a->withdrawn_minor == b->withdrawn_minor
        && a->reinstated_minor == b->reinstated_minor;
}

static bool is_under_way(enum dispute_status status)
{
    return status == DISPUTE_INQUIRY || status == DISPUTE_OPEN;
}

bool dispute_is_doubtful(const struct dispute_facts *known, const struct dispute_facts *news)
{
    return is_contradiction(known->fact, news->fact)
        || (is_under_way(known->fact.status) && news->fact.status > DISPUTE_OPEN
            && news->at_ms < known->at_ms);
}

enum dispute_status dispute_overlay(const struct dispute *disputes, int count)
{
    bool lost = false, won = false;

    for (int i = 0; i < count; i++) {
        enum dispute_status status = disputes[i].facts.fact.status;

        if (status == DISPUTE_OPEN)
            return DISPUTE_OPEN;
        lost |= status == DISPUTE_LOST;
        won |= status == DISPUTE_WON;
    }
    if (lost)
        return DISPUTE_LOST;
    return won ? DISPUTE_WON : DISPUTE_NONE;
}

int64_t disputed_minor(const struct dispute *disputes, int count)
{
    int64_t sum = 0;

    for (int i = 0; i < count; i++)
        sum += disputes[i].facts.withdrawn_minor - disputes[i].facts.reinstated_minor;
    return sum;
}

const char *dispute_status_name(enum dispute_status status)
{
    return names[status];
}

bool dispute_status_parse(const char *name, enum dispute_status *status_out)
{
    const size_t i = name_index(names, NAME_COUNT(names), name);

    if (i == NAME_COUNT(names))
        return false;
    *status_out = (enum dispute_status) i;
    return true;
}

static bool is_contradiction(struct dispute_fact a, struct dispute_fact b)
{
    return a.contradictory || b.contradictory
        || (a.status == DISPUTE_WON && b.status == DISPUTE_LOST)
        || (a.status == DISPUTE_LOST && b.status == DISPUTE_WON);
}

/* The provider's status name goes with the status; reason and amount are the larger of both. */
static struct dispute_facts words_of_one_moment(struct dispute_facts a, struct dispute_facts b)
{
    bool a_counts = a.fact.status != b.fact.status
        ? a.fact.status > b.fact.status
        : strcmp(a.provider_status, b.provider_status) > 0;
    struct dispute_facts merged = a_counts ? a : b;

    merged.fact = dispute_merge(a.fact, b.fact);
    if (merged.fact.contradictory)
        merged.provider_status[0] = '\0';
    memcpy(merged.reason, strcmp(a.reason, b.reason) > 0 ? a.reason : b.reason,
           sizeof(merged.reason));
    merged.amount_minor = larger(a.amount_minor, b.amount_minor);
    return merged;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}
