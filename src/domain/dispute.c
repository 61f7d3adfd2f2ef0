#include "domain/dispute.h"

#include "domain/names.h"

static const char *const names[] = {
    [DISPUTE_NONE] = "none",
    [DISPUTE_OPEN] = "open",
    [DISPUTE_WON]  = "won",
    [DISPUTE_LOST] = "lost",
};

static bool is_contradiction(struct dispute_fact a, struct dispute_fact b);

/*
 * The least upper bound in this order, hence commutative, associative and idempotent:
 *
 *                 won
 *   none - open <      > contradictory, which reads "open": nobody knows the end
 *                 lost
 */
struct dispute_fact dispute_merge(struct dispute_fact a, struct dispute_fact b)
{
    if (is_contradiction(a, b))
        return (struct dispute_fact) { DISPUTE_OPEN, true };
    return a.status > b.status ? a : b;
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
