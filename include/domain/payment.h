/*
 * payment.h - one attempt to have an order paid, as facts and the status that follows from them.
 *
 * Reports from providers only ever add facts. payment_facts_merge is commutative, associative and
 * idempotent, so that duplicates and reordering of events cannot change where a payment ends;
 * payment_derive turns facts into the status. Nothing else sets a status. Rule: money that arrived
 * always wins over labels, captured money never shrinks, and no clock turns "we do not know" into
 * "failed".
 */
#ifndef PAYAPI_DOMAIN_PAYMENT_H
#define PAYAPI_DOMAIN_PAYMENT_H

#include <stdint.h>

#include "domain/dispute.h"
#include "domain/ids.h"
#include "domain/money.h"

enum payment_status {
    PAYMENT_PENDING,            /* intent recorded; the provider's object may exist */
    PAYMENT_PROCESSING,         /* the payer can pay, or an asynchronous method is under way */
    PAYMENT_REQUIRES_ACTION,    /* the payer must authenticate */
    PAYMENT_COMPLETED,
    PAYMENT_FAILED,             /* soft while the provider's object is open: the payer may retry */
    PAYMENT_CANCELLED,
    PAYMENT_EXPIRED,
    PAYMENT_PARTIALLY_REFUNDED,
    PAYMENT_REFUNDED
};
#define PAYMENT_STATUS_COUNT 9

/* Why no more money can arrive by the ordinary way; a higher reason replaces a lower one. */
enum payment_close {
    PAYMENT_OPEN,
    PAYMENT_CLOSED_FAILED,
    PAYMENT_CLOSED_EXPIRED,
    PAYMENT_CLOSED_CANCELLED
};

/* How far an unpaid payment got; at equal provider time the higher one counts. */
enum payment_progress {
    PROGRESS_NONE,              /* nothing is known of a provider object */
    PROGRESS_OPENED,            /* the hosted page exists */
    PROGRESS_REQUIRES_ACTION,
    PROGRESS_PROCESSING,
    PROGRESS_FAILED             /* the last attempt failed */
};

#define FAILURE_CODE_MAX   64
#define FAILURE_REASON_MAX 256

struct payment_snapshot {
    int64_t               at_s;         /* provider's clock, Unix time */
    enum payment_progress progress;
    char                  failure_code[FAILURE_CODE_MAX];       /* "" unless PROGRESS_FAILED */
    char                  failure_reason[FAILURE_REASON_MAX];   /* fit for the payer's eyes */
};

struct payment_facts {
    int64_t                 captured_minor;     /* what the provider took; 0: nothing */
    enum payment_close      closed;
    struct payment_snapshot snapshot;
    bool                    mismatch;           /* amount, currency or mode were not ours */
    bool                    accepted;           /* a human accepted less as the whole amount */
    int64_t                 refunded_minor;  /* sum of succeeded refunds (refund.h): not merged */
};

/* The least upper bound: everything that a or b knows. refunded_minor comes from a. */
struct payment_facts payment_facts_merge(struct payment_facts a, struct payment_facts b);
MUST_CHECK bool payment_facts_equal(const struct payment_facts *a, const struct payment_facts *b);
/*
 * The status that these facts mean for a payment of due_minor. Total: every value has one. With
 * less money than is due, the payment stays processing until the rest comes or a human accepts what
 * is there.
 */
enum payment_status payment_derive(const struct payment_facts *facts, int64_t due_minor);
/* True when money came, less than is due, and nobody accepted that. */
bool payment_is_underpaid(const struct payment_facts *facts, int64_t due_minor);
/* True while the provider's object can still take money: nothing captured and not closed. */
bool payment_is_open(const struct payment_facts *facts);
/*
 * The whole lifecycle: may a payment with these facts move on to that status? Staying is allowed.
 */
MUST_CHECK bool payment_may_become(const struct payment_facts *from, int64_t due_minor,
                                   enum payment_status to);

/*
 * What the payer may be told. A failed attempt is not final while the page is open: the payer may
 * have paid with another card already, and that report is still on its way.
 */
enum payment_outcome {
    OUTCOME_OPEN,               /* nothing charged as far as we know; it still can be */
    OUTCOME_CONFIRMING,         /* an asynchronous method is under way */
    OUTCOME_PAID,               /* refunded later or not */
    OUTCOME_NOT_PAID            /* closed, and nothing was charged */
};
enum payment_outcome payment_outcome(const struct payment_facts *facts);

/* Names as the API and the database write them ("partially_refunded"); parse is strict. */
const char *payment_status_name(enum payment_status status);
const char *payment_close_name(enum payment_close close);
const char *payment_progress_name(enum payment_progress progress);
const char *payment_outcome_name(enum payment_outcome outcome);
MUST_CHECK bool payment_status_parse(const char *name, enum payment_status *status_out);
MUST_CHECK bool payment_close_parse(const char *name, enum payment_close *close_out);
MUST_CHECK bool payment_progress_parse(const char *name, enum payment_progress *progress_out);

#define OWNER_ID_MAX      256
#define URL_MAX           2048

/* A payment as stored. Times are Unix milliseconds; 0 means "not yet". */
struct payment {
    struct payment_id    id;
    struct order_id      order_id;
    char                 owner_id[OWNER_ID_MAX];        /* the order's owner (JWT sub) */
    struct money         amount;
    char                 provider[PROVIDER_NAME_MAX];
    char                 provider_ref[PROVIDER_REF_MAX];  /* hosted page: cs_..., "" unknown */
    char                 provider_intent[PROVIDER_REF_MAX];     /* pi_..., "" unknown */
    char                 checkout_url[URL_MAX];  /* "" unknown or no longer payable */
    struct payment_facts facts;
    int64_t              refund_held_minor;  /* succeeded and pending refunds; PostgreSQL counts */
    enum payment_status  status;                /* always payment_derive(&facts, amount.minor) */
    /* always dispute_overlay of its disputes: none, open, won or lost */
    enum dispute_status  dispute;
    int64_t              disputed_minor;        /* taken by disputes and not given back */
    bool                 authored;              /* its page carries our proof (authorship.h) */
    bool                 surplus;  /* its money pays nothing: order already paid, or written off */
    bool                 not_begun;  /* its caller was refused (422) and knows no payment */
    bool                 needs_review;
    int                  review_causes;         /* a bit for each cause a human was asked about */
    char                 review_reason[FAILURE_REASON_MAX];
    int64_t              expires_at_ms;         /* when the provider's hosted page expires */
    int64_t              created_at_ms;
    int64_t              updated_at_ms;
    int64_t              completed_at_ms;
};

#endif
