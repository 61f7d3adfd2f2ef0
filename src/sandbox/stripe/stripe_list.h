/*
 * stripe_list.h - Stripe's cursor pagination, newest first.
 *
 * Reads limit, starting_after, ending_before and created[...] from the call.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_LIST_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_LIST_H

#include "stripe_call.h"

/* What to list: the items (oldest first), which of them match, and how to render each. */
struct stripe_listing {
    const char         *url;
    struct item *const *items;
    size_t              count;
    const struct collection *cursors;   /* where starting_after and ending_before are found */
    bool              (*matches)(const struct stripe_call *call, const struct item *item);
    json_t           *(*render)(const struct stripe *stripe, const struct item *item);
};

void stripe_list_answer(struct stripe_call *call, const struct stripe_listing *listing);

#endif
