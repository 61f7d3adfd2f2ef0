/*
 * stripe_checkout.h - the parameters of a new checkout session, checked and read.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_CHECKOUT_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_CHECKOUT_H

#include "stripe_call.h"

#define CHECKOUT_LINE_ITEMS_MAX      100
#define CHECKOUT_REFERENCE_LENGTH_MAX 200

/* Texts are borrowed from the form; NULL when absent. */
struct stripe_checkout {
    int64_t     amount;
    const char *currency;
    const char *title;
    const char *success_url, *cancel_url;
    const char *client_reference_id, *customer_email, *intent_description;
    int64_t     expires_at_s;
};

/* False when the call was rejected. */
bool stripe_checkout_read(struct stripe_call *call, struct stripe_checkout *checkout_out);

#endif
