/*
 * refund.h - money going back, as the provider reports it. Merges like payment facts do.
 *
 * pending -> requires_action -> succeeded | failed | cancelled, and succeeded -> failed when the
 * payer's bank sends the money back days later.
 */
#ifndef PAYAPI_DOMAIN_REFUND_H
#define PAYAPI_DOMAIN_REFUND_H

#include <stdint.h>

#include "domain/payment.h"

/* In the order of rank: of two reports the one with the later status here is the truth. */
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
/* What can still be refunded: captured, less what refunds hold. */
int64_t refund_left(const struct payment *payment);
/*
 * The part of it that we may give back: a payer must not get again what a dispute gave back
 * already.
 */
int64_t refund_allowed(const struct payment *payment);
const char *refund_status_name(enum refund_status status);
MUST_CHECK bool refund_status_parse(const char *name, enum refund_status *status_out);

#define REFUND_REASON_MAX 64
#define CLIENT_KEY_MAX    256

/* Who asked for the refund. */
enum refund_origin {
    REFUND_BY_API,
    REFUND_BY_PROVIDER,         /* made in the provider's dashboard, and adopted */
    REFUND_OF_SURPLUS,          /* ours, automatic: money came twice for one order, or too much */
    REFUND_ELSEWHERE            /* by other means, recorded by a human */
};
const char *refund_origin_name(enum refund_origin origin);
MUST_CHECK bool refund_origin_parse(const char *name, enum refund_origin *origin_out);

/* A refund as stored. Times are Unix milliseconds. */
struct refund {
    struct refund_id   id;
    struct payment_id  payment_id;
    struct money       amount;
    enum refund_status status;
    enum refund_origin origin;
    char               provider[PROVIDER_NAME_MAX];
    char               provider_ref[PROVIDER_REF_MAX];      /* re_..., "" unknown */
    char               client_key[CLIENT_KEY_MAX];          /* "" when not asked for by the API */
    /* duplicate, fraudulent, requested_by_customer, "" */
    char               reason[REFUND_REASON_MAX];
    char               failure_reason[FAILURE_REASON_MAX];  /* "" unless failed */
    int64_t            created_at_ms;
    int64_t            updated_at_ms;
};

#endif
