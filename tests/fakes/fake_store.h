/*
 * fake_store.h - the store in memory, with the transactions and the promises of the real schema.
 *
 * A transaction works on a snapshot from its first write or lock on, store_commit publishes it,
 * and a rollback or a lost connection drops it. The next function that waits applies queued writes
 * in order. What the schema would refuse (a second live payment, a reference written twice, a
 * stale fence, ...) fails there with the constraint's name as cause, and is counted. A write
 * without the row's lock, or a statement after an error, is the caller's mistake and fails the
 * test.
 */
#ifndef PAYAPI_TESTS_FAKE_STORE_H
#define PAYAPI_TESTS_FAKE_STORE_H

#include "application/store/store_adoption.h"
#include "application/store/store_api_keys.h"
#include "domain/webhook_endpoint.h"
#include "application/store/store_disputes.h"
#include "application/store/store_inbox_events.h"
#include "application/store/store_jobs.h"
#include "application/store/store_missed.h"
#include "application/store/store_refunds.h"

#define FAKE_ROWS_MAX   64
#define FAKE_HISTORY_MAX 256
#define FAKE_TEXT_MAX   1024
#define FAKE_BODY_MAX   4096

struct fake_key {
    char              principal[64], route[64], key[64], fingerprint[65], holder[64];
    bool              done;
    int64_t           fence;
    int64_t           locked_until_ms;          /* database clock */
    struct payment_id payment_id;
    int               answer_status;
    int               answer_retry_after_s;
    char              answer_body[FAKE_TEXT_MAX];
};

struct fake_api_key {
    struct api_key key;
    struct digest  digest;
    char           revoked_by[64];
    int            uses_noted;
};

struct fake_call {
    struct call_id        id;
    struct payment_id     payment_id;
    struct refund_id      refund_id;
    char                  provider[PROVIDER_NAME_MAX], operation[32], method[8], path[128];
    char                  body[FAKE_TEXT_MAX];
    char                  idempotency_key[96];
    int                   attempts;
    int64_t               started_at_ms;
    int64_t               lease_until_ms, next_at_ms;   /* database clock */
    int64_t               sent_at_ms;                   /* database clock; 0 never */
    int                   looks;
    bool                  maybe_executed, replays_5xx;
    int                   http_status;
    bool                  recorded, finished, given_up;
    enum provider_verdict verdict;
};

struct fake_webhook {
    char                provider[PROVIDER_NAME_MAX];
    char                event_id[PROVIDER_EVENT_ID_MAX];
    struct inbox_id     id;
    enum inbox_status   status;
    struct payment_id   payment_id;
    int                 attempts, tries_before;
    int                 noted_tries;    /* of them, how many were written down; the last one: */
    enum inbox_status   noted_outcome;
    char                noted_actor[64];
    int64_t             next_at_ms;     /* database clock */
    char                reason[128];
    char                body[FAKE_BODY_MAX];
};

struct fake_movement {
    struct payment_id  payment_id;
    struct order_id    order_id;
    enum movement_kind kind;
    int64_t            amount_minor, occurred_at_ms;
    char               provider_ref[PROVIDER_REF_MAX];
};

struct fake_audit {
    struct order_id   order_id;
    struct payment_id payment_id;
    char              action[32];
    char              body[FAKE_TEXT_MAX];
    enum domain_event event;            /* DOMAIN_EVENT_NONE: it announces none */
    char              payload[FAKE_TEXT_MAX];
};

struct fake_cursor {
    int64_t pulled_to_s, sweep_from_s, sweep_to_s, fence, lease_until_ms, next_at_ms;
    int64_t deep_due_at_ms;
    bool    sweep_is_deep;
    char    page_after[PROVIDER_EVENT_ID_MAX];
};

struct fake_tables {
    struct order         orders[FAKE_ROWS_MAX];
    struct payment       payments[FAKE_ROWS_MAX];
    struct refund        refunds[FAKE_ROWS_MAX];
    struct dispute       disputes[FAKE_ROWS_MAX];
    struct fake_call     calls[FAKE_ROWS_MAX];
    struct fake_key      keys[FAKE_ROWS_MAX];
    struct fake_webhook  webhooks[FAKE_ROWS_MAX];
    struct fake_movement ledger[FAKE_ROWS_MAX];
    struct fake_audit    audit[FAKE_HISTORY_MAX];
    struct fake_api_key  api_keys[FAKE_ROWS_MAX];
    struct webhook_endpoint endpoints[FAKE_ROWS_MAX];
    int                  endpoint_count;
    struct fake_cursor   cursor;        /* of the one provider whose events are pulled */
    int order_count, payment_count, refund_count, dispute_count, call_count, key_count;
    int webhook_count, ledger_count, audit_count, api_key_count;
};

enum fake_fault {
    FAULT_CONNECTION_LOST_BEFORE,       /* database-unavailable, and nothing happened */
    FAULT_CONNECTION_LOST_AFTER,        /* database-unavailable, although a COMMIT took effect */
    FAULT_SERIALIZATION,                /* repeatable, rolled back */
    FAULT_REFUSED                       /* not repeatable: some constraint */
};

struct store *fake_store_new(void);
void          fake_store_free(struct store *store);

/* The nth wait from now on (1: the next one) has this fault. Several may be waiting. */
void fake_store_fail(struct store *store, int nth_wait, enum fake_fault fault);
/* Every wait from now on fails like that; false: no longer. */
void fake_store_is_down(struct store *store, bool down);
void fake_store_forget_faults(struct store *store);
void fake_store_set_now(struct store *store, int64_t now_ms);           /* database clock */
/* What store_read_health finds; all zero at first: payapi-jobs told of itself just now. */
void fake_store_set_health(struct store *store, struct store_health health);
/* The provider whose waiting work was made due last; "" none. */
const char   *fake_store_provider_back(const struct store *store);
/* A crashed worker's connection ends: its transaction is gone. */
void fake_store_reconnect(struct store *store);

/* Right after the next peek outside a transaction, once: somebody else was quicker than we are. */
typedef void fake_rival(void *argument);
void fake_store_after_peek(struct store *store, fake_rival *rival, void *argument);

/* Begun, or about to begin with the next write. */
bool fake_store_in_transaction(const struct store *store);
int  fake_store_wait_count(const struct store *store);
int  fake_store_begin_count(const struct store *store);
int  fake_store_repeat_count(const struct store *store);
int  fake_store_refusal_count(const struct store *store);       /* by the schema, not scripted */
int  fake_store_notify_count(const struct store *store);
/* What is committed. */
struct fake_tables *fake_store_tables(struct store *store);
/* The rows there are; what stands behind them is left alone. */
void fake_tables_copy(struct fake_tables *to, const struct fake_tables *from);
int  fake_store_count_events(struct store *store, enum domain_event type);
int  fake_store_count_audits(struct store *store, const char *action);
/* Rows of a change that tell of the provider's answer to such a call: "checkout". */
int  fake_store_count_answers(struct store *store, const char *operation);
/* The statements of docs/reliability.md section 5.4 that apply; fails the test at the first violation. */
void fake_store_check_invariants(struct store *store);

#endif
