/*
 * paystack_render.h - objects as JSON, the way Paystack's API and webhooks show them.
 *
 * Source: docs/facts.md, 6 to 8, and Paystack's OpenAPI file. Call with the lock held. The
 * result is the caller's.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_RENDER_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_RENDER_H

#include "paystack.h"

/* "2026-01-11T10:00:00.000Z"; null for 0. */
json_t *paystack_render_moment(int64_t at_s);

/* The same e-mail address always gives the same customer. */
json_t *paystack_render_customer(const char *email);

/* data of verify and fetch, and of charge.success. */
json_t *paystack_render_transaction(const struct paystack *paystack,
                                    const struct paystack_transaction *transaction);

/* data of GET /refund; transaction is its number. */
json_t *paystack_render_refund(const struct paystack *paystack,
                               const struct paystack_refund *refund);

/* data of POST /refund; transaction is an object. */
json_t *paystack_render_new_refund(const struct paystack *paystack,
                                   const struct paystack_refund *refund);

/* data of refund.*: without an id; the amount is sometimes a text, sometimes a number. */
json_t *paystack_render_refund_event(const struct paystack *paystack,
                                     const struct paystack_refund *refund);

/* data of /dispute and of charge.dispute.*: the latter spell created_at, not createdAt. */
json_t *paystack_render_dispute(const struct paystack *paystack,
                                const struct paystack_dispute *dispute);
json_t *paystack_render_dispute_event(const struct paystack *paystack,
                                      const struct paystack_dispute *dispute);

#endif
