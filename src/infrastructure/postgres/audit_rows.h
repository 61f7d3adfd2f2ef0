/* audit_rows.h - rows of the audit log as values: the columns and their reader together. */
#ifndef PAYAPI_INFRASTRUCTURE_POSTGRES_AUDIT_ROWS_H
#define PAYAPI_INFRASTRUCTURE_POSTGRES_AUDIT_ROWS_H

#include "application/store/store_audit.h"
#include "infrastructure/postgres/pg/pg.h"

/* FROM audit_log AS a */
#define AUDIT_COLUMNS \
    " a.audit_id, a.at_us, a.seq, a.order_id, a.payment_id, a.actor, a.action, a.body," \
    " a.trace_id, a.event_id, a.event_type"
/* The first count rows, in the arena. */
struct audit_entry *row_audit_entries(struct ctx *ctx, const struct pg_rows *rows, int count);

#endif
