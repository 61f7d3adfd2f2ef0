/*
 * refund.h - money going back, as the provider reports it. Merges like payment facts do.
 *
 * pending -> requires_action -> succeeded | failed | cancelled, and succeeded -> failed when the
 * payer's bank sends the money back days later.
 */
#ifndef PAYAPI_DOMAIN_REFUND_H
#define PAYAPI_DOMAIN_REFUND_H

#include <stdint.h>

#include "base/bytes.h"

/* In the order of their rank: of two reports the later one here is the truth. */
enum refund_status {
    REFUND_PENDING,
    REFUND_REQUIRES_ACTION,
    REFUND_SUCCEEDED,
    REFUND_CANCELLED,
    REFUND_FAILED
};

enum refund_status refund_merge(enum refund_status a, enum refund_status b);
/* True while the amount counts against what is left to refund. */
bool refund_holds_money(enum refund_status status);
const char *refund_status_name(enum refund_status status);
MUST_CHECK bool refund_status_parse(const char *name, enum refund_status *status_out);

#endif
