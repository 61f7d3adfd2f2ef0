#include "statements.h"

const struct pg_statement *const *const store_statements[] = {
    transaction_statements,
    key_statements,
    order_statements,
    payment_statements,
    checkout_statements,
    call_statements,
    refund_statements,
    webhook_statements,
    history_statements,
    health_statements,
    job_statements,
    NULL
};
