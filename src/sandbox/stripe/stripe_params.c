/* The parameter tables of all operations except creating a session and those on disputes. */
#include "stripe_params.h"

#define TABLE(rows) { rows, sizeof rows / sizeof rows[0] }

/* GET /v1/checkout/sessions */
static const struct param session_list_rows[] = {
    { "created", PARAM_INTEGER, NULL },
    { "created[gt]", PARAM_INTEGER, NULL },
    { "created[gte]", PARAM_INTEGER, NULL },
    { "created[lt]", PARAM_INTEGER, NULL },
    { "created[lte]", PARAM_INTEGER, NULL },
    { "customer", PARAM_STRING, NULL },
    { "customer_account", PARAM_STRING, NULL },
    { "customer_details[email]", PARAM_STRING, NULL },
    { "ending_before", PARAM_STRING, NULL },
    { "expand[]", PARAM_STRING, NULL },
    { "limit", PARAM_INTEGER, NULL },
    { "payment_intent", PARAM_STRING, NULL },
    { "payment_link", PARAM_STRING, NULL },
    { "starting_after", PARAM_STRING, NULL },
    { "status", PARAM_ENUM, "complete|expired|open" },
    { "subscription", PARAM_STRING, NULL },
};

/* POST /v1/payment_intents/{intent}/cancel */
static const struct param intent_cancel_rows[] = {
    { "cancellation_reason", PARAM_ENUM, "abandoned|duplicate|fraudulent|requested_by_customer" },
    { "expand[]", PARAM_STRING, NULL },
};

/* GET /v1/payment_intents/{intent} */
static const struct param intent_retrieve_rows[] = {
    { "client_secret", PARAM_STRING, NULL },
    { "expand[]", PARAM_STRING, NULL },
};

/* POST /v1/refunds */
static const struct param refund_create_rows[] = {
    { "amount", PARAM_INTEGER, NULL },
    { "charge", PARAM_STRING, NULL },
    { "currency", PARAM_STRING, NULL },
    { "customer", PARAM_STRING, NULL },
    { "expand[]", PARAM_STRING, NULL },
    { "instructions_email", PARAM_STRING, NULL },
    { "metadata", PARAM_MAP, NULL },
    { "origin", PARAM_ENUM, "customer_balance" },
    { "payment_intent", PARAM_STRING, NULL },
    { "reason", PARAM_ENUM, "duplicate|fraudulent|requested_by_customer" },
    { "refund_application_fee", PARAM_BOOLEAN, NULL },
    { "reverse_transfer", PARAM_BOOLEAN, NULL },
};

/* GET /v1/refunds */
static const struct param refund_list_rows[] = {
    { "charge", PARAM_STRING, NULL },
    { "created", PARAM_INTEGER, NULL },
    { "created[gt]", PARAM_INTEGER, NULL },
    { "created[gte]", PARAM_INTEGER, NULL },
    { "created[lt]", PARAM_INTEGER, NULL },
    { "created[lte]", PARAM_INTEGER, NULL },
    { "ending_before", PARAM_STRING, NULL },
    { "expand[]", PARAM_STRING, NULL },
    { "limit", PARAM_INTEGER, NULL },
    { "payment_intent", PARAM_STRING, NULL },
    { "starting_after", PARAM_STRING, NULL },
};

/* GET /v1/charges */
static const struct param charge_list_rows[] = {
    { "created", PARAM_INTEGER, NULL },
    { "created[gt]", PARAM_INTEGER, NULL },
    { "created[gte]", PARAM_INTEGER, NULL },
    { "created[lt]", PARAM_INTEGER, NULL },
    { "created[lte]", PARAM_INTEGER, NULL },
    { "customer", PARAM_STRING, NULL },
    { "ending_before", PARAM_STRING, NULL },
    { "expand[]", PARAM_STRING, NULL },
    { "limit", PARAM_INTEGER, NULL },
    { "payment_intent", PARAM_STRING, NULL },
    { "starting_after", PARAM_STRING, NULL },
    { "transfer_group", PARAM_STRING, NULL },
};

/* GET /v1/balance_transactions */
static const struct param balance_list_rows[] = {
    { "created", PARAM_INTEGER, NULL },
    { "created[gt]", PARAM_INTEGER, NULL },
    { "created[gte]", PARAM_INTEGER, NULL },
    { "created[lt]", PARAM_INTEGER, NULL },
    { "created[lte]", PARAM_INTEGER, NULL },
    { "currency", PARAM_STRING, NULL },
    { "ending_before", PARAM_STRING, NULL },
    { "expand[]", PARAM_STRING, NULL },
    { "limit", PARAM_INTEGER, NULL },
    { "payout", PARAM_STRING, NULL },
    { "source", PARAM_STRING, NULL },
    { "starting_after", PARAM_STRING, NULL },
    { "type", PARAM_STRING, NULL },
};

/* GET /v1/events */
static const struct param event_list_rows[] = {
    { "created", PARAM_INTEGER, NULL },
    { "created[gt]", PARAM_INTEGER, NULL },
    { "created[gte]", PARAM_INTEGER, NULL },
    { "created[lt]", PARAM_INTEGER, NULL },
    { "created[lte]", PARAM_INTEGER, NULL },
    { "delivery_success", PARAM_BOOLEAN, NULL },
    { "ending_before", PARAM_STRING, NULL },
    { "expand[]", PARAM_STRING, NULL },
    { "limit", PARAM_INTEGER, NULL },
    { "starting_after", PARAM_STRING, NULL },
    { "type", PARAM_STRING, NULL },
    { "types[]", PARAM_STRING, NULL },
};

/* GET of one object, expire, refund cancel, balance */
static const struct param expand_rows[] = {
    { "expand[]", PARAM_STRING, NULL },
};

const struct param_table stripe_session_list_params = TABLE(session_list_rows);
const struct param_table stripe_intent_cancel_params = TABLE(intent_cancel_rows);
const struct param_table stripe_intent_retrieve_params = TABLE(intent_retrieve_rows);
const struct param_table stripe_refund_create_params = TABLE(refund_create_rows);
const struct param_table stripe_refund_list_params = TABLE(refund_list_rows);
const struct param_table stripe_charge_list_params = TABLE(charge_list_rows);
const struct param_table stripe_balance_list_params = TABLE(balance_list_rows);
const struct param_table stripe_event_list_params = TABLE(event_list_rows);
const struct param_table stripe_expand_params = TABLE(expand_rows);
