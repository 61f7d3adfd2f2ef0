/*
 * store_calls.h - calls of providers as kept (see store.h for queue and wait).
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
    bool                    leased;     /* somebody is calling right now */
    int                     looks;      /* of the attempts before ours, those that only looked for its outcome */
    bool                    maybe_executed;     /* by a sending before ours whose outcome is unknown */
    bool                    replays_5xx;        /* the provider said that its key has a 5xx stored */
    int64_t                 idle_ms;    /* since that sending ended, or was given up; else since the intent */
    int64_t                 settles_in_ms;      /* of this attempt: then a list can prove its absence; 0 */
};

/* What an attempt brought. */
struct call_attempt {
    const struct provider_reply *reply; /* the last one */
    enum provider_verdict verdict;      /* on the call */
    bool                  looked;       /* the request was not sent */
    bool                  maybe_executed;       /* by this sending or one before */
    bool                  replays_5xx;          /* said of this sending or one before */
    int64_t               sent_age_ms;  /* of a sending: so long ago it may have been carried out last */
    int64_t               retry_ms;     /* until the next one, when the verdict is not known */
};

/*
 * Leases it; with attempts 0 nobody calls yet, and it is due at once. sends: the lease is for sending it
 * (store_call_sending).
 */
void store_call_insert(struct ctx *ctx, const struct provider_call *call, bool sends);  /* queue */
/* Takes the lease for one more sending; another runner's attempt in between is a repeatable problem. */
void store_call_lease(struct ctx *ctx, const struct provider_call *call);       /* queue */
/*
 * Before the request leaves us: from now on it may have been carried out, whatever becomes of us. A
 * later attempt than ours is a repeatable problem.
 */
void store_call_sending(struct ctx *ctx, const struct provider_call *call);     /* queue */
/*
 * Known verdicts finish the call; others free the lease for the next try. A later attempt than ours is a
 * repeatable problem.
 */
void store_call_record(struct ctx *ctx, const struct provider_call *call,
                       const struct call_attempt *attempt);             /* queue */
/* The locked payment's calls without an outcome, oldest first. */
const struct problem *store_open_calls(struct ctx *ctx, struct payment_id payment_id,
                                       struct provider_call **calls_out, int *count_out);  /* wait */
/* It is finished without an outcome. An attempt since it was read is a repeatable problem. */
void store_call_give_up(struct ctx *ctx, const struct provider_call *call);     /* queue */

#endif
