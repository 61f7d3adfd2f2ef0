/*
 * stripe_params_dispute.c - the parameters of the operations on disputes. Sorted by strcmp.
 *
 * Of the evidence, only plain texts are known: nothing below enhanced_evidence and appeal.
 */
#include "stripe_params.h"

/* POST /v1/disputes/{dispute} */
static const struct param update_rows[] = {
    { "evidence[access_activity_log]", PARAM_STRING, NULL },
    { "evidence[billing_address]", PARAM_STRING, NULL },
    { "evidence[cancellation_policy]", PARAM_STRING, NULL },
    { "evidence[cancellation_policy_disclosure]", PARAM_STRING, NULL },
    { "evidence[cancellation_rebuttal]", PARAM_STRING, NULL },
    { "evidence[customer_communication]", PARAM_STRING, NULL },
    { "evidence[customer_email_address]", PARAM_STRING, NULL },
    { "evidence[customer_name]", PARAM_STRING, NULL },
    { "evidence[customer_purchase_ip]", PARAM_STRING, NULL },
    { "evidence[customer_signature]", PARAM_STRING, NULL },
    { "evidence[duplicate_charge_documentation]", PARAM_STRING, NULL },
    { "evidence[duplicate_charge_explanation]", PARAM_STRING, NULL },
    { "evidence[duplicate_charge_id]", PARAM_STRING, NULL },
    { "evidence[product_description]", PARAM_STRING, NULL },
    { "evidence[receipt]", PARAM_STRING, NULL },
    { "evidence[refund_policy]", PARAM_STRING, NULL },
    { "evidence[refund_policy_disclosure]", PARAM_STRING, NULL },
    { "evidence[refund_refusal_explanation]", PARAM_STRING, NULL },
    { "evidence[service_date]", PARAM_STRING, NULL },
    { "evidence[service_documentation]", PARAM_STRING, NULL },
    { "evidence[shipping_address]", PARAM_STRING, NULL },
    { "evidence[shipping_carrier]", PARAM_STRING, NULL },
    { "evidence[shipping_date]", PARAM_STRING, NULL },
    { "evidence[shipping_documentation]", PARAM_STRING, NULL },
    { "evidence[shipping_tracking_number]", PARAM_STRING, NULL },
    { "evidence[uncategorized_file]", PARAM_STRING, NULL },
    { "evidence[uncategorized_text]", PARAM_STRING, NULL },
    { "expand[]", PARAM_STRING, NULL },
    { "intended_submission_method", PARAM_STRING, NULL },
    { "metadata", PARAM_MAP, NULL },
    { "submit", PARAM_BOOLEAN, NULL },
};

/* GET /v1/disputes */
static const struct param list_rows[] = {
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

const struct param_table stripe_dispute_update_params = {
    update_rows, sizeof update_rows / sizeof update_rows[0],
};
const struct param_table stripe_dispute_list_params = {
    list_rows, sizeof list_rows / sizeof list_rows[0],
};
