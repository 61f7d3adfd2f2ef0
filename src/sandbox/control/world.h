/*
 * world.h - the parts of the sandbox, for code that acts on several of them.
 */
#ifndef PAYAPI_SANDBOX_CONTROL_WORLD_H
#define PAYAPI_SANDBOX_CONTROL_WORLD_H

#include "sandbox/control/request_log.h"
#include "sandbox/faults/faults.h"
#include "sandbox/faults/late.h"
#include "sandbox/kit/sandbox_clock.h"
#include "sandbox/paystack/paystack.h"
#include "sandbox/stripe/stripe.h"
#include "sandbox/webhooks/webhooks.h"

struct control_route;
struct state_file;

struct world {
    struct sandbox_clock       *clock;
    struct faults      *faults;
    struct late        *late;
    struct request_log *log;
    struct webhooks    *stripe_webhooks, *paystack_webhooks;
    struct stripe      *stripe;
    struct paystack    *paystack;
    struct state_file  *state;          /* NULL: nothing is kept */

    const struct control_route *routes; /* what the guide lists: control_routes.h */
    size_t                      route_count;
};

#endif
