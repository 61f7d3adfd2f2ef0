/*
 * stripe_render.h - Stripe objects as JSON. New references; the caller decrefs.
 *
 * Source: fields of API version 2026-10-28.endive (docs/facts.md, 2-4).
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_RENDER_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_RENDER_H

#include "stripe.h"

json_t *stripe_render_session(const struct stripe_session *session);
json_t *stripe_render_intent(const struct stripe_intent *intent);
json_t *stripe_render_charge(const struct stripe_charge *charge);
json_t *stripe_render_refund(const struct stripe_refund *refund);

json_t *stripe_render_dispute(const struct stripe *stripe, const struct stripe_dispute *dispute);

/* "charge", "refund", "refund_failure", "dispute", "dispute_reversal" */
const char *stripe_movement_kind_name(enum stripe_movement_kind kind);
/* Its type as Stripe names it for the payment's method: "charge", "payment", "adjustment", ... */
const char *stripe_movement_type(const struct stripe_movement *movement);
/* Its id; NULL when there is no movement, or it is not shown yet. */
const char *stripe_movement_id(const struct stripe_movement *movement);
json_t *stripe_render_movement(const struct stripe *stripe,
                               const struct stripe_movement *movement);

/* pending_webhooks is 1 until the event was delivered. */
json_t *stripe_render_event(const struct stripe *stripe, const struct stripe_event *event);

#endif
