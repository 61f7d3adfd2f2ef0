/* The words of Paystack's API for each enum, in both directions. */
#include <string.h>

#include "paystack.h"

#define COUNT(names) (sizeof (names) / sizeof (names)[0])

static const char *const status_names[] = { "abandoned", "ongoing", "pending", "processing",
                                            "queued", "success", "failed", "reversed" };
static const char *const refund_names[] = { "pending", "processing", "processed", "failed",
                                            "needs-attention" };
static const char *const dispute_names[] = { "awaiting-merchant-feedback", "awaiting-bank-feedback",
                                             "pending", "resolved", "archived" };
static const char *const resolution_names[] = { "", "merchant-accepted", "declined",
                                                "auto-accepted" };
static const char *const metadata_names[] = { "as_sent", "text", "empty", "zero", "null" };

/* The row of the name; count when there is none. */
static size_t row_of(const char *const *names, size_t count, const char *name)
{
    size_t row = 0;

    while (row < count && strcmp(names[row], name) != 0)
        row++;
    return row;
}

const char *paystack_status_name(enum paystack_status status)
{
    return status_names[status];
}

const char *paystack_refund_status_name(enum paystack_refund_status status)
{
    return refund_names[status];
}

const char *paystack_dispute_status_name(enum paystack_dispute_status status)
{
    return dispute_names[status];
}

const char *paystack_resolution_name(enum paystack_resolution resolution)
{
    return resolution == PAYSTACK_UNRESOLVED ? NULL : resolution_names[resolution];
}

const char *paystack_metadata_form_name(enum paystack_metadata_form form)
{
    return metadata_names[form];
}

bool paystack_status_from_name(const char *name, enum paystack_status *status_out)
{
    size_t row = row_of(status_names, COUNT(status_names), name);

    if (row == COUNT(status_names))
        return false;
    *status_out = (enum paystack_status) row;
    return true;
}

bool paystack_refund_status_from_name(const char *name, enum paystack_refund_status *status_out)
{
    size_t row = row_of(refund_names, COUNT(refund_names), name);

    if (row == COUNT(refund_names))
        return false;
    *status_out = (enum paystack_refund_status) row;
    return true;
}

bool paystack_dispute_status_from_name(const char *name,
                                       enum paystack_dispute_status *status_out)
{
    size_t row = row_of(dispute_names, COUNT(dispute_names), name);

    if (row == COUNT(dispute_names))
        return false;
    *status_out = (enum paystack_dispute_status) row;
    return true;
}

bool paystack_resolution_from_name(const char *name, enum paystack_resolution *resolution_out)
{
    size_t row = row_of(resolution_names, COUNT(resolution_names), name);

    if (row == COUNT(resolution_names) || row == PAYSTACK_UNRESOLVED)
        return false;
    *resolution_out = (enum paystack_resolution) row;
    return true;
}

bool paystack_metadata_form_from_name(const char *name, enum paystack_metadata_form *form_out)
{
    size_t row = row_of(metadata_names, COUNT(metadata_names), name);

    if (row == COUNT(metadata_names))
        return false;
    *form_out = (enum paystack_metadata_form) row;
    return true;
}
