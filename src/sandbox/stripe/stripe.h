/*
 * stripe.h - the state of the played Stripe account: objects and how they refer to each other.
 *
 * One mutex, stripe_lock, guards everything here; nobody sleeps or sends while holding it.
 * Objects live until stripe_reset. Amounts are in the minor unit of the currency.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_H

#include <jansson.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "sandbox/faults/faults.h"
#include "sandbox/http/idempotency_keys.h"
#include "sandbox/kit/collection.h"
#include "sandbox/kit/heap.h"
#include "sandbox/kit/sandbox_clock.h"
#include "sandbox/webhooks/webhooks.h"

#define STRIPE_API_VERSION       "2026-10-28.endive"
#define STRIPE_SESSION_MIN_S     (30 * 60)
#define STRIPE_SESSION_MAX_S     (24 * 3600)
#define STRIPE_EVENTS_KEPT_S     (30 * 24 * 3600)
#define STRIPE_CURRENCY_BYTES    4

enum session_status { SESSION_OPEN, SESSION_COMPLETE, SESSION_EXPIRED };

enum intent_status {
    INTENT_REQUIRES_PAYMENT_METHOD,
    INTENT_REQUIRES_ACTION,
    INTENT_PROCESSING,
    INTENT_SUCCEEDED,
    INTENT_CANCELED,
};

enum charge_status { CHARGE_PENDING, CHARGE_SUCCEEDED, CHARGE_FAILED };

enum refund_status {
    REFUND_PENDING,
    REFUND_REQUIRES_ACTION,
    REFUND_SUCCEEDED,
    REFUND_FAILED,
    REFUND_CANCELED,
};

/* The warning_ ones are inquiries: no money has moved. */
enum dispute_status {
    DISPUTE_WARNING_NEEDS_RESPONSE,
    DISPUTE_WARNING_UNDER_REVIEW,
    DISPUTE_WARNING_CLOSED,
    DISPUTE_NEEDS_RESPONSE,
    DISPUTE_UNDER_REVIEW,
    DISPUTE_WON,
    DISPUTE_LOST,
};

struct stripe_session {
    struct item          item;
    enum session_status  status;
    bool                 is_paid;
    bool                 is_foreign;                    /* made by another program */
    int64_t              amount;
    char                 currency[STRIPE_CURRENCY_BYTES];
    int64_t              expires_at_s;
    char                *url;
    char                *success_url, *cancel_url;      /* cancel_url may be NULL */
    char                *client_reference_id, *customer_email;  /* may be NULL */
    char                *title;                         /* name of the first line item */
    char                *intent_description;            /* may be NULL */
    json_t              *metadata, *intent_metadata;    /* objects of strings */
    struct stripe_intent *intent;                       /* NULL until the payer confirms */
};

struct stripe_intent {
    struct item           item;
    enum intent_status    status;
    struct stripe_session *session;
    struct stripe_charge *latest_charge;                /* NULL before the first one */
    struct stripe_refund *refunds;                      /* newest first */
    json_t               *last_payment_error;           /* NULL when there is none */
    const char           *method;                       /* "card", "us_bank_account" */
    const char           *cancellation_reason;          /* static; NULL */
    int64_t               canceled_at_s;
};

struct stripe_charge {
    struct item           item;
    enum charge_status    status;
    struct stripe_intent *intent;
    int64_t               amount_refunded;
    struct stripe_movement *movement;                   /* NULL before the success */
    struct stripe_dispute *dispute;                     /* NULL; the latest one */
    const char           *failure_code, *failure_message; /* static; NULL */
};

struct stripe_refund {
    struct item           item;
    enum refund_status    status;
    struct stripe_charge *charge;
    struct stripe_refund *next;                         /* the next older one of the same intent */
    int64_t               amount;
    const char           *reason, *failure_reason;      /* static; NULL */
    json_t               *metadata;
    struct stripe_movement *movement, *failure;         /* NULL before they happen */
    int64_t               succeeded_at_s, failed_at_s;  /* 0: never */
    int64_t               fails_at_s;                   /* by itself; 0: not planned */
};

struct stripe_dispute {
    struct item           item;
    enum dispute_status   status;
    struct stripe_charge *charge;
    int64_t               amount;
    char                 *reason;
    int64_t               due_by_s;
    int                   submission_count;
    bool                  is_withdrawn, is_reinstated;  /* what has moved on our balance */
    struct stripe_movement *withdrawal, *reinstatement; /* those movements; NULL */
    json_t               *evidence, *metadata;          /* objects of strings */
};

enum stripe_movement_kind {
    MOVEMENT_CHARGE,
    MOVEMENT_REFUND,
    MOVEMENT_REFUND_FAILURE,
    MOVEMENT_DISPUTE,
    MOVEMENT_DISPUTE_REVERSAL,
};

struct stripe_movement {
    struct item               item;
    enum stripe_movement_kind kind;
    int64_t                   amount, fee;              /* amount: the change of the balance */
    struct stripe_charge     *charge;                   /* whose money it is */
    char                      source[ITEM_ID_BYTES];    /* the charge, refund or dispute */
    int64_t                   told_at_s;
    bool                      is_told;
};

struct stripe_event {
    struct item item;
    char       *type;
    char       *payload;        /* the JSON text as delivered */
};

/* The API request behind a change; both NULL when the payer or a control call made it. */
struct stripe_cause {
    const char *request_id;
    const char *idempotency_key;
};

struct stripe {
    pthread_mutex_t     lock;
    struct sandbox_clock       *clock;
    struct faults      *faults;
    struct webhooks    *webhooks;
    struct idempotency_keys *idempotency;
    char               *secret_key;
    char               *public_url;                     /* without a slash at the end */
    enum refund_status  refund_outcome;                 /* of new refunds */
    struct stripe_cause cause;
    int64_t             refund_fails_after_s;           /* of new refunds; 0: they do not */
    int64_t             balance_delay_s;                /* how late a movement is shown */
    int64_t             ago_s;                          /* how long ago the present act happened */
    struct collection   sessions, intents, charges, refunds, disputes, movements, events;
    struct heap         expiries;                       /* open sessions by expires_at_s */
    struct heap         untold;                         /* movements by told_at_s */
    struct heap         failing;                        /* refunds by fails_at_s */
    struct table       *words;                          /* those of a state that was read */
};

struct stripe *stripe_new(const char *secret_key, const char *public_url,
                          struct sandbox_clock *clock, struct faults *faults,
                          struct webhooks *webhooks);
void stripe_free(struct stripe *stripe);

/* Forgets all objects and idempotency keys. */
void stripe_reset(struct stripe *stripe);

/* The time of the present act: the clock's, minus ago_s. */
int64_t stripe_now_s(const struct stripe *stripe);

/* The address of the pages from now on. */
void stripe_set_public_url(struct stripe *stripe, const char *public_url);

/* Sets the address of the session's page. */
void stripe_name_page(const struct stripe *stripe, struct stripe_session *session);

void stripe_lock(struct stripe *stripe);
void stripe_unlock(struct stripe *stripe);

/* The table of names, shared with JSON: "requires_action" and the like. */
const char *session_status_name(enum session_status status);
const char *intent_status_name(enum intent_status status);
const char *charge_status_name(enum charge_status status);
const char *refund_status_name(enum refund_status status);

const char *dispute_status_name(enum dispute_status status);

/* False for an unknown name. */
bool refund_status_from_name(const char *name, enum refund_status *status_out);
bool dispute_status_from_name(const char *name, enum dispute_status *status_out);

#endif
