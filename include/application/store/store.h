/*
 * store.h - what is kept, as plain functions. PostgreSQL implements them; the application's tests
 * link a fake.
 *
 * Round trips are what a database costs, so there are two kinds of functions:
 *   queue   (return nothing): the statement is sent with the next function that waits; its error,
 *           a wrong number of rows included, comes out of that one;
 *   wait    (return a problem): one round trip for everything queued so far and itself.
 * An in-transaction read takes row locks in the order: key, order, payment.
 * Results live in ctx->arena. Times are ctx->now_ms unless a lease is meant: leases use the
 * database's clock.
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_H
#define PAYAPI_APPLICATION_STORE_STORE_H

#include "application/ctx.h"
#include "application/idempotency.h"
#include "application/provider.h"
#include "domain/dispute.h"
#include "domain/event.h"
#include "domain/order.h"
#include "domain/payment.h"

/* --- Transactions (used through in_transaction) -------------------------------------------- */
void                  store_begin(struct ctx *ctx);                     /* queue */
const struct problem *store_commit(struct ctx *ctx);    /* wait; without an answer: in_doubt */
void                  store_rollback_if_open(struct ctx *ctx);          /* never fails; reconnects later */
/* Sleeps a jittered moment (try 1, 2, 3) and reconnects when the connection is gone. */
void                  store_prepare_repeat(struct ctx *ctx, int try);

/* --- Idempotency keys ---------------------------------------------------------------------- */
const struct problem *store_key_claim(struct ctx *ctx, const struct idempotency_key *key,
                                      struct claim *claim_out);         /* wait */
/*
 * For a command's second transaction: locks the key before the order and the payment, as everybody
 * does. Somebody else's fence is a repeatable problem.
 */
void store_key_hold(struct ctx *ctx, const struct idempotency_key *key, int64_t fence); /* queue */
void store_key_bind(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                    struct payment_id payment_id);                      /* queue */
/* Also when the same fence finished already: its COMMIT may have had no answer. */
void store_key_finish(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                      const struct answer *answer);                     /* queue */
/* Lets the next repeat take over at once. unbind: it starts afresh, without the payment. */
void store_key_release(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                       bool unbind);                                    /* queue */

/* --- Orders -------------------------------------------------------------------------------- */
void store_order_insert(struct ctx *ctx, const struct order *order);    /* queue */
void store_order_set_status(struct ctx *ctx, struct order_id id, enum order_status status); /* queue */
/* Of an order whose owner is unknown; any other is a problem (order_is_immutable). */
void store_order_set_owner(struct ctx *ctx, struct order_id id, const char *owner_id);  /* queue */
/* owner NULL: anybody's. *found_out false: none, or somebody else's. */
const struct problem *store_order_find(struct ctx *ctx, struct order_id id, const char *owner,
                                       struct order *order_out, bool *found_out);  /* wait */

struct order_page_query {
    const char *owner;                  /* NULL: all */
    int         limit;                  /* 1..100 */
    int64_t     page;                   /* 1.. ; 0: cursor mode */
    int64_t     after_created_at_ms;    /* cursor mode: strictly older than this position... */
    const char *after_id;               /* ...NULL: from the newest on */
};

struct order_page {
    struct order *orders;               /* newest first */
    int           count;
    bool          more;                 /* cursor mode: there is a next page */
    int64_t       total;                /* page mode */
};
const struct problem *store_orders_list(struct ctx *ctx, const struct order_page_query *query,
                                        struct order_page *page_out);   /* wait */

/* --- Calls of providers -------------------------------------------------------------------- */
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

/* --- Payments ------------------------------------------------------------------------------ */
struct checkout_lock {
    struct claim         claim;         /* CLAIM_MINE with fence 0 when there was no key */
    bool                 order_found;
    struct order         order;         /* locked */
    bool                 payment_found; /* the payment that holds the order */
    struct payment       payment;       /* locked */
    bool                 call_found;
    struct provider_call call;          /* its checkout call while that has no known outcome */
};
/* First read of a checkout: claims the key (NULL: none), locks order and live payment. */
const struct problem *store_checkout_lock(struct ctx *ctx, const struct idempotency_key *key,
                                          struct order_id order_id, const char *owner,
                                          struct checkout_lock *lock_out);      /* wait */

struct payment_lock {
    bool              found;
    struct payment    payment;          /* locked, and its order */
    enum order_status order_status;
    bool              order_taken;      /* another payment of the order is open or has its money */
    struct payment_id open_rival;       /* that other payment, while it is open and has none; "" else */
};
const struct problem *store_payment_lock(struct ctx *ctx, struct payment_id id,
                                         struct payment_lock *lock_out);        /* wait */
/*
 * As store_payment_lock, without reading: known was written by the transaction that inserted the call.
 * When the payment, its order's status, the call or its refund was written since, that is a repeatable
 * problem. (An open payment's order is not taken meanwhile: index one_live_payment.)
 */
void store_payment_hold(struct ctx *ctx, const struct payment_lock *known,
                        const struct provider_call *call);                      /* queue */
void store_payment_insert(struct ctx *ctx, const struct payment *payment);      /* queue */
/* Facts, status, references, review, times. */
void store_payment_update(struct ctx *ctx, const struct payment *payment);      /* queue */
/* A human gave the money to another order, whose it is: neither surplus nor accepted, and the review that follows. */
void store_payment_attach(struct ctx *ctx, const struct payment *payment);      /* queue */
/*
 * The order was paid by another payment: the open page of this one is out of use. What is paid there all
 * the same is surplus; payapi-jobs closes the page at once. Under the order's lock.
 */
void store_payment_give_way(struct ctx *ctx, struct payment_id id);             /* queue */
const struct problem *store_payment_find(struct ctx *ctx, struct payment_id id, const char *owner,
                                         struct payment *payment_out, bool *found_out); /* wait */
/* The payment that holds the order, else its newest; those that were not begun are left out. */
const struct problem *store_order_payment_find(struct ctx *ctx, struct order_id id,
                                               const char *owner, struct payment *payment_out,
                                               bool *found_out);                /* wait */

/* --- Webhooks in --------------------------------------------------------------------------- */
struct inbox_lock {
    bool                fresh;          /* false: this event came before; nothing is locked */
    struct inbox_id     inbox_id;
    bool                is_noted;       /* its row says processed already */
    struct payment_lock payment;
    bool                refund_found;   /* the refund that event->refund names (our id, else ref) */
    struct refund       refund;         /* locked */
    struct dispute     *disputes;       /* of an event about one: the payment's, all locked */
    int                 dispute_count;
};
/*
 * Stores the event once and locks the payment it names (ref, else intent, else our id). With a payment it is
 * stored as processed, which it nearly always is before the transaction ends: a second version of the row
 * would have to be made in all its indexes. Whoever does not apply it here must say so (store_inbox_finish).
 */
const struct problem *store_inbox_insert(struct ctx *ctx, const struct provider *provider,
                                         const struct provider_event *event,
                                         struct bytes raw_body,
                                         struct inbox_lock *lock_out);        /* wait */
/* The payment that the event named is not shown to be its own: it waits, without one. */
void store_inbox_disown(struct ctx *ctx, struct inbox_id id);                   /* queue */
enum inbox_status { INBOX_RECEIVED, INBOX_PROCESSED, INBOX_IGNORED, INBOX_DEAD };
const char *inbox_status_name(enum inbox_status status);           /* "received" */
void store_inbox_finish(struct ctx *ctx, struct inbox_id id, enum inbox_status status,
                        struct payment_id payment_id, const char *reason);    /* queue */

/* --- Written with every change ------------------------------------------------------------- */
enum movement_kind {
    MOVEMENT_CHARGE,
    MOVEMENT_REFUND,                    /* negative */
    MOVEMENT_REFUND_REVERSAL,           /* a refund that had succeeded failed: positive again */
    MOVEMENT_DISPUTE,                   /* withdrawn from the shop: negative */
    MOVEMENT_DISPUTE_REVERSAL,          /* reinstated: positive again */
    MOVEMENT_REASSIGNMENT               /* from one order to another: two rows that make up for each other */
};
struct movement {
    enum movement_kind kind;
    int64_t               amount_minor;
    const char           *provider_ref; /* the provider's object that moved it; with kind, stored once */
    int64_t               occurred_at_ms;       /* Unix, by the provider's word */
};
void store_movement_insert(struct ctx *ctx, const struct payment *payment,
                           const struct movement *movement);                 /* queue */
/* body: JSON object with ids and amounts, no personal data. payment_id "": about the order. */
void store_audit_insert(struct ctx *ctx, struct order_id order_id, struct payment_id payment_id,
                        const char *action, struct bytes body);                 /* queue */
void store_event_insert(struct ctx *ctx, struct order_id order_id, struct payment_id payment_id,
                        enum event_type type, struct bytes payload);            /* queue */

/* --- Health -------------------------------------------------------------------------------- */
struct store_health {
    int64_t latency_ms;                 /* one round trip */
    int64_t now_ms;                     /* the database's clock, and so the next one */
    int64_t round_at_ms;                /* store_round_done; 0 never */
    int64_t commits_waiting;            /* for a standby, since a while */
    bool    refuses_writes;             /* the last write of this pool: disk full, read-only, ... */
};
/* Reads only. Silence ends it sooner than other work: whoever asks wants to know. */
const struct problem *store_read_health(struct ctx *ctx, struct store_health *health_out);  /* wait */
/* payapi-jobs has done what was due: committed at once. */
const struct problem *store_round_done(struct ctx *ctx);                        /* wait */
/* A write through the triggers, rolled back; and the schema version this program needs. */
const struct problem *store_check_writable(struct ctx *ctx);                    /* wait */
/*
 * What waits for this provider is due again, spread over spread_ms: it answers after a time when it
 * did not.
 */
void store_provider_is_back(struct ctx *ctx, const char *provider, int spread_ms);  /* queue */

#endif
