/*
 * queries.h - the use cases that read, in application/queries/: one round trip each. queries.c and
 * admin_queries.c hold what takes one read; the others have a file of their own.
 * Somebody else's order or payment answers exactly as a missing one.
 */
#ifndef PAYAPI_APPLICATION_QUERIES_H
#define PAYAPI_APPLICATION_QUERIES_H

#include "application/audit/audit_report.h"
#include "application/store/store.h"
#include "application/store/store_api_keys.h"
#include "application/store/store_audit_list.h"
#include "application/store/store_delivery_list.h"
#include "application/store/store_findings.h"
#include "application/store/store_inbox_events.h"
#include "application/store/store_movement_list.h"
#include "application/store/store_payment_list.h"
#include "application/store/store_timeline.h"
#include "application/store/store_webhook_endpoints.h"

const struct problem *get_order(struct ctx *ctx, const char *order_id, struct order *order_out);
/* query->owner is filled in from the actor. */
const struct problem *list_orders(struct ctx *ctx, struct order_page_query *query,
                                  struct order_page *page_out);
const struct problem *get_payment(struct ctx *ctx, const char *payment_id,
                                  struct payment *payment_out);
const struct problem *get_payment_status(struct ctx *ctx, const char *order_id,
                                         struct payment *payment_out);
/*
 * For anybody who knows the id, without a token. An unknown id gets the answer of a payment being
 * confirmed.
 */
const struct problem *get_outcome(struct ctx *ctx, const char *payment_id,
                                  enum payment_outcome *outcome_out);

/* For admins only, all of them. */
const struct problem *list_payments(struct ctx *ctx, const struct payment_query *query,
                                    struct payment_page *page_out);
const struct problem *list_transactions(struct ctx *ctx, const struct transaction_query *query,
                                        struct transaction_page *page_out);
const struct problem *list_audit(struct ctx *ctx, const struct audit_query *query,
                                 struct audit_page *page_out);

/* Receives an export, one movement after the other. */
struct transaction_writer {
    /* False: the reader is gone. ctx->arena lives for this batch. */
    bool (*write)(struct ctx *ctx, const struct transaction_writer *writer,
                  const struct transaction *transaction);
    void *target;
};
/* All that match, newest first, as of one moment; only one batch is in memory. */
const struct problem *export_transactions(struct ctx *ctx, const struct transaction_filter *filter,
                                          const struct transaction_writer *writer);

/*
 * Verifies the histories of all payments, the checkpoints, their seals (with settings->audit_key),
 * and that the rows they cover still exist. question->kept: checkpoints kept elsewhere, which must
 * be among them, as must the one in settings->audit_record. One round trip per batch. Rows that no
 * checkpoint covers yet are counted; of them it checks only that a payment's history has no gap and
 * ends with its status. Begins where *walk is; when the time is up, or everything is verified
 * (walk->done), *walk says how far it came, and the report says what this call found.
 */
const struct problem *verify_audit(struct ctx *ctx, const struct audit_question *question,
                                   struct audit_walk *walk, struct audit_report *report_out);
/* The same for callers who share workers: PROBLEM_OVERLOADED while it runs for another of them. */
const struct problem *verify_audit_alone(struct ctx *ctx, const struct audit_question *question,
                                         struct audit_walk *walk, struct audit_report *report_out);
/* Somebody else's payment answers as a missing one. Provider requests are masked. */
const struct problem *get_timeline(struct ctx *ctx, const char *payment_id,
                                   struct timeline *timeline_out);
/* For admins only. The body is not masked yet. */
const struct problem *list_webhook_events(struct ctx *ctx, const struct webhook_event_query *query,
                                          struct webhook_event_page *page_out);
const struct problem *get_webhook_event(struct ctx *ctx, const char *inbox_id,
                                        struct webhook_event_details *details_out);
const struct problem *list_reconciliations(struct ctx *ctx,
                                           const struct reconciliation_query *query,
                                           struct reconciliation_page *page_out);
const struct problem *get_reconciliation(struct ctx *ctx, const char *id,
                                         struct reconciliation *run_out);
/* A page of its findings, as store_findings_list. */
const struct problem *list_findings(struct ctx *ctx, const char *id, int64_t after,
                                    struct finding **findings_out, int *count_out);
/* Oldest first. */
const struct problem *list_refunds(struct ctx *ctx, struct payment_id payment_id,
                                   struct refund **refunds_out, int *count_out);
const struct problem *list_disputes(struct ctx *ctx, struct payment_id payment_id,
                                    struct dispute **disputes_out, int *count_out);

#define API_KEY_MEMORY_MS 3000          /* so long a verdict may be used without asking again */
/* The key with that digest, as it is now. */
const struct problem *find_api_key(struct ctx *ctx, struct digest digest, struct api_key *key_out,
                                   bool *found_out);
const struct problem *list_api_keys(struct ctx *ctx, const struct api_key_query *query,
                                    struct api_key_page *page_out);
const struct problem *get_webhook_endpoint(struct ctx *ctx, const char *id,
                                           struct webhook_endpoint *endpoint_out);
const struct problem *list_webhook_endpoints(struct ctx *ctx,
                                             struct webhook_endpoint **endpoints_out,
                                             int *count_out);
/* Fills in query->endpoint_id. */
const struct problem *list_deliveries(struct ctx *ctx, const char *endpoint_id,
                                      struct delivery_query *query, struct delivery_page *page_out);
const struct problem *get_delivery(struct ctx *ctx, const char *id,
                                   struct delivery_details *details_out);
/* After a good request: records the minute of the last use, when that is news. */
void note_api_key_use(struct ctx *ctx);

enum health_status { HEALTH_OK, HEALTH_DEGRADED, HEALTH_ERROR };

#define JOBS_SILENT_MS       12000      /* payapi-jobs reports every 3 s */
#define DELIVER_SILENT_MS    12000      /* and so does payapi-deliver */

struct health {
    enum health_status status;  /* error: no money can be taken; degraded: a part is missing */
    struct {
        enum health_status status;
        const char        *reason;      /* "": it is well (also below); in the arena or static */
        int64_t            latency_ms;  /* of one round trip; 0 when there was none */
    } database;
    struct {
        enum health_status status;      /* of payapi-jobs, on whatever host */
        const char        *reason;
        /* when it last had done all that was due; 0 never, or unknown */
        int64_t            round_at_ms;
    } jobs;
    struct {
        enum health_status status;      /* of payapi-deliver, where an endpoint wants events */
        const char        *reason;
        int64_t            planned_at_ms;       /* when it last looked for events; 0: not needed */
    } deliveries;
    int provider_count;
    struct {
        const char        *name;
        enum health_status status;
        const char        *reason;
        struct provider_health details; /* both directions together */
    } providers[PROVIDERS_MAX];
};
/*
 * Never a problem: *health_out says what is broken, and the log does when it is news (health_told).
 */
void check_health(struct ctx *ctx, struct health *health_out);
#define READY_FOR_MS 5000
/*
 * OK when money can be taken right now: database, schema version and write path work, or a worker
 * of the pool proved that within the last READY_FOR_MS. A failure is checked anew each time.
 */
const struct problem *check_ready(struct ctx *ctx);

#endif
