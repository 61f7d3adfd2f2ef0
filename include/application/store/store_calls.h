/*
 * store_calls.h - calls to providers as stored (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_CALLS_H
#define PAYAPI_APPLICATION_STORE_STORE_CALLS_H

#include "application/ctx.h"
#include "application/provider.h"
#include "domain/payment.h"

#define CALL_LEASE_S 30

struct provider_call {
    struct call_id          id;
    struct payment_id       payment_id;
    const char             *provider;
    struct refund_id        refund_id;  /* "" unless it is about a refund */
    struct provider_request request;    /* frozen */
    int                     attempts;   /* ours included; also the fence */
    int64_t                 started_at_ms;
    bool                    leased;     /* another runner is calling right now */
    int                     looks;      /* earlier attempts that only looked for the outcome */
    bool                    maybe_executed;     /* an earlier sending's outcome is unknown */
    bool                    replays_5xx;        /* the provider stored a 5xx under its key */
    int64_t                 idle_ms;    /* since that sending ended or was given up, else since
                                           the intent */
    int64_t                 settles_in_ms;      /* after that a list can prove its absence; 0 */
};

/* The result of an attempt. */
struct call_attempt {
    const struct provider_reply *reply; /* the last one */
    enum provider_verdict verdict;      /* on the call */
    bool                  looked;       /* the request was not sent */
    bool                  maybe_executed;       /* by this sending or an earlier one */
    bool                  replays_5xx;          /* of this sending or an earlier one */
    int64_t               sent_age_ms;  /* how long ago a sending may last have taken effect */
    int64_t               retry_ms;     /* until the next attempt, if the verdict is unknown */
};

/*
 * Inserts and leases the call. With attempts 0 nobody is calling yet, and it is due at once. sends:
 * the lease is for sending it (store_call_sending).
 */
void store_call_insert(struct ctx *ctx, const struct provider_call *call, bool sends);  /* queue */
/*
 * Takes the lease for one more sending. An attempt by another runner in between is a repeatable
 * problem.
 */
void store_call_lease(struct ctx *ctx, const struct provider_call *call);       /* queue */
/*
 * Called before the request is sent: from now on the provider may have executed it, even if we
 * crash. An attempt later than ours is a repeatable problem.
 */
void store_call_sending(struct ctx *ctx, const struct provider_call *call);     /* queue */
/*
 * A known verdict finishes the call; an unknown one frees the lease for the next attempt. An
 * attempt later than ours is a repeatable problem.
 */
void store_call_record(struct ctx *ctx, const struct provider_call *call,
                       const struct call_attempt *attempt);                     /* queue */
/* The locked payment's calls without an outcome, oldest first. */
const struct problem *store_open_calls(struct ctx *ctx, struct payment_id payment_id,
                                       struct provider_call **calls_out, int *count_out); /* wait */
/* Finishes it without an outcome. An attempt since the call was read is a repeatable problem. */
void store_call_give_up(struct ctx *ctx, const struct provider_call *call);     /* queue */

#endif
