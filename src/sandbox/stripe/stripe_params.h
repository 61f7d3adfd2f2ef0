/*
 * stripe_params.h - the parameters of each Stripe operation that the sandbox plays.
 *
 * Source: request types of the official npm package stripe 23.1.0 (MIT), API version
 * 2026-10-28.endive.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_PARAMS_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_PARAMS_H

#include "sandbox/http/params.h"

extern const struct param_table stripe_session_create_params;
extern const struct param_table stripe_session_list_params;
extern const struct param_table stripe_intent_cancel_params;
extern const struct param_table stripe_intent_retrieve_params;
extern const struct param_table stripe_refund_create_params;
extern const struct param_table stripe_refund_list_params;
extern const struct param_table stripe_charge_list_params;
extern const struct param_table stripe_balance_list_params;
extern const struct param_table stripe_event_list_params;
extern const struct param_table stripe_dispute_list_params;
extern const struct param_table stripe_dispute_update_params;
extern const struct param_table stripe_expand_params;   /* operations that only take expand[] */

#endif
