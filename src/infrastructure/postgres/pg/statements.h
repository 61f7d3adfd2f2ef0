/* statements.h - every statement of the store, for the check that all of them fit the schema. */
#ifndef PAYAPI_INFRASTRUCTURE_POSTGRES_PG_STATEMENTS_H
#define PAYAPI_INFRASTRUCTURE_POSTGRES_PG_STATEMENTS_H

#include "pg.h"

/* Lists that end with NULL; each is at the end of the file whose statements it names. */
extern const struct pg_statement *const transaction_statements[];
extern const struct pg_statement *const key_statements[];
extern const struct pg_statement *const order_statements[];
extern const struct pg_statement *const payment_statements[];
extern const struct pg_statement *const checkout_statements[];
extern const struct pg_statement *const call_statements[];
extern const struct pg_statement *const refund_statements[];
extern const struct pg_statement *const dispute_statements[];
extern const struct pg_statement *const inbox_statements[];
extern const struct pg_statement *const inbox_event_statements[];
extern const struct pg_statement *const history_statements[];
extern const struct pg_statement *const health_statements[];
extern const struct pg_statement *const movement_statements[];
extern const struct pg_statement *const audit_statements[];
extern const struct pg_statement *const checkpoint_statements[];
extern const struct pg_statement *const timeline_statements[];
extern const struct pg_statement *const job_statements[];
extern const struct pg_statement *const adoption_statements[];
extern const struct pg_statement *const missed_statements[];
extern const struct pg_statement *const reconcile_statements[];
extern const struct pg_statement *const finding_statements[];
extern const struct pg_statement *const book_statements[];
extern const struct pg_statement *const api_key_statements[];
extern const struct pg_statement *const live_statements[];
extern const struct pg_statement *const gauge_statements[];
extern const struct pg_statement *const delivery_statements[];
extern const struct pg_statement *const delivery_list_statements[];
extern const struct pg_statement *const webhook_endpoint_statements[];

extern const struct pg_statement *const *const store_statements[];

/*
 * PostgreSQL plans the statements queued after this for their own argument values, until the
 * transaction ends (outside one: until this round trip ends). For statements whose best plan
 * depends on their arguments.
 */
void transaction_plan_anew(struct ctx *ctx);                                    /* queue */

extern const struct pg_statement schema_version;        /* store_health.c; run first */

#endif
