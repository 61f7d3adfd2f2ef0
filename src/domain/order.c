/* An order's statuses, and how they follow its payment. */
#include "domain/order.h"

#include "domain/names.h"

static const char *const names[] = {
    [ORDER_OPEN]     = "open",
    [ORDER_PAID]     = "paid",
    [ORDER_REFUNDED] = "refunded",
};

/* An order that was paid once is never open again: its money is here or was given back. */
enum order_status order_status_after(enum order_status now, enum payment_status payment)
{
    switch (payment) {
    case PAYMENT_COMPLETED:
    case PAYMENT_PARTIALLY_REFUNDED:    return ORDER_PAID;      /* also after a failed refund */
    case PAYMENT_REFUNDED:              return ORDER_REFUNDED;
    case PAYMENT_PENDING:
    case PAYMENT_PROCESSING:
    case PAYMENT_REQUIRES_ACTION:
    case PAYMENT_FAILED:
    case PAYMENT_CANCELLED:
    case PAYMENT_EXPIRED:               return now;
    }
    __builtin_unreachable();
}

const char *order_status_name(enum order_status status)
{
    return names[status];
}

bool order_status_parse(const char *name, enum order_status *status_out)
{
    const size_t i = name_index(names, NAME_COUNT(names), name);

    if (i == NAME_COUNT(names))
        return false;
    *status_out = (enum order_status) i;
    return true;
}
