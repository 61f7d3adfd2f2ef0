/* A refund's statuses: their order and names, and what is left to refund. */
#include "domain/refund.h"

#include "domain/names.h"

static const char *const names[] = {
    [REFUND_PENDING]         = "pending",
    [REFUND_REQUIRES_ACTION] = "requires_action",
    [REFUND_SUCCEEDED]       = "succeeded",
    [REFUND_CANCELLED]       = "cancelled",
    [REFUND_FAILED]          = "failed",
};

static const char *const origin_names[] = {
    [REFUND_BY_API]      = "api",
    [REFUND_BY_PROVIDER] = "provider",
    [REFUND_OF_SURPLUS]  = "surplus",
    [REFUND_ELSEWHERE]   = "elsewhere",
};

enum refund_status refund_merge(enum refund_status a, enum refund_status b)
{
    return a > b ? a : b;
}

bool refund_holds_money(enum refund_status status)
{
    switch (status) {
    case REFUND_PENDING:
    case REFUND_REQUIRES_ACTION:
    case REFUND_SUCCEEDED:      return true;
    case REFUND_CANCELLED:
    case REFUND_FAILED:         return false;
    }
    __builtin_unreachable();
}

int64_t refund_left(const struct payment *payment)
{
    return payment->facts.captured_minor - payment->refund_held_minor;
}

int64_t refund_allowed(const struct payment *payment)
{
    int64_t allowed_minor = refund_left(payment) - payment->disputed_minor;

    return allowed_minor > 0 ? allowed_minor : 0;
}

const char *refund_status_name(enum refund_status status)
{
    return names[status];
}

bool refund_status_parse(const char *name, enum refund_status *status_out)
{
    const size_t i = name_index(names, NAME_COUNT(names), name);

    if (i == NAME_COUNT(names))
        return false;
    *status_out = (enum refund_status) i;
    return true;
}

const char *refund_origin_name(enum refund_origin origin)
{
    return origin_names[origin];
}

bool refund_origin_parse(const char *name, enum refund_origin *origin_out)
{
    const size_t i = name_index(origin_names, NAME_COUNT(origin_names), name);

    if (i == NAME_COUNT(origin_names))
        return false;
    *origin_out = (enum refund_origin) i;
    return true;
}
