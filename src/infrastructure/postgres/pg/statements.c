/* The list of all lists of statements. */
#include "statements.h"

const struct pg_statement *const *const store_statements[] = {
    transaction_statements,
    key_statements,
    order_statements,
    payment_statements,
    checkout_statements,
    call_statements,
    refund_statements,
    dispute_statements,
    inbox_statements,
    inbox_event_statements,
    history_statements,
    health_statements,
    movement_statements,
    audit_statements,
    checkpoint_statements,
    timeline_statements,
    job_statements,
    adoption_statements,
    missed_statements,
    reconcile_statements,
    finding_statements,
    book_statements,
    api_key_statements,
    live_statements,
    gauge_statements,
    delivery_statements,
    delivery_list_statements,
    webhook_endpoint_statements,
    NULL
};
