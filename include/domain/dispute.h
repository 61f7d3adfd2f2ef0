/*
 * dispute.h - a payer's bank contests a payment. An overlay: it never changes the payment's status.
 *
 * A provider's reports about a dispute only add facts. dispute_facts_merge is commutative,
 * associative and idempotent: the newest report of its state counts, and of the money the largest
 * amount ever reported.
 */
#ifndef PAYAPI_DOMAIN_DISPUTE_H
#define PAYAPI_DOMAIN_DISPUTE_H

#include "domain/ids.h"
#include "domain/money.h"

/* In the order of their rank. Won and lost contradict each other: see dispute_merge. */
enum dispute_status {
    DISPUTE_NONE,
    DISPUTE_INQUIRY,  /* the bank asks before it takes money: no dispute yet, refunds continue */
    DISPUTE_OPEN,
    DISPUTE_CLOSED,  /* ended without a verdict and without loss: as if there were none */
    DISPUTE_WON,
    DISPUTE_LOST
};

struct dispute_fact {
    enum dispute_status status;
    /* both ends were reported: ask the provider, do not guess */
    bool                contradictory;
};

struct dispute_fact dispute_merge(struct dispute_fact a, struct dispute_fact b);
const char *dispute_status_name(enum dispute_status status);
MUST_CHECK bool dispute_status_parse(const char *name, enum dispute_status *status_out);

#define DISPUTE_TEXT_MAX 64

struct dispute_facts {
    /* when the provider said the four below: events give whole seconds */
    int64_t             at_ms;
    struct dispute_fact fact;
    /* "needs_response"; "" when contradictory */
    char                provider_status[DISPUTE_TEXT_MAX];
    char                reason[DISPUTE_TEXT_MAX];  /* "fraudulent"; the provider's own words */
    int64_t             amount_minor;
    bool                amount_assumed; /* not reported: it is that of the whole charge */
    /* until when the shop may answer; the latest reported; 0: never reported */
    int64_t             due_at_s;
    int64_t             withdrawn_minor;        /* taken from the shop: the most ever reported */
    int64_t             reinstated_minor;       /* of that, given back: the most ever reported */
};

/*
 * Call it before merging: a reported amount beats an assumed one, whichever is newer. News without
 * an amount takes the known one. If an assumption withdrew more than is reported now, the rest
 * counts as reinstated, because ledger rows are never changed.
 */
void dispute_settle_amounts(struct dispute_facts *known, struct dispute_facts *news);
/* The least upper bound: everything that a or b knows. */
struct dispute_facts dispute_facts_merge(struct dispute_facts a, struct dispute_facts b);
MUST_CHECK bool dispute_facts_equal(const struct dispute_facts *a, const struct dispute_facts *b);
/*
 * True for news that must not be merged before the provider was asked how the dispute stands now:
 * the other end, or an end that is older than what we know and that we never heard of.
 */
MUST_CHECK bool dispute_is_doubtful(const struct dispute_facts *known,
                                    const struct dispute_facts *news);

/* A dispute as stored. Times are Unix milliseconds. */
struct dispute {
    struct dispute_id    id;
    struct payment_id    payment_id;
    char                 provider[PROVIDER_NAME_MAX];
    char                 provider_ref[PROVIDER_REF_MAX];        /* dp_... */
    char                 currency[4];   /* of all its amounts */
    struct dispute_facts facts;
    int64_t              created_at_ms; /* when we learned of it */
    int64_t              updated_at_ms;
};

/* Of all disputes of a payment: open if one is, else lost if one is, else won, else none. */
enum dispute_status dispute_overlay(const struct dispute *disputes, int count);
/* What the disputes took and have not given back. */
int64_t disputed_minor(const struct dispute *disputes, int count);

#endif
