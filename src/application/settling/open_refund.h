/*
 * open_refund.h - records the intent of a refund of ours: the refund and the exact request of its
 * one call.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_OPEN_REFUND_H
#define PAYAPI_APPLICATION_SETTLING_OPEN_REFUND_H

#include "application/store/store_refunds.h"

struct refund_intent {
    struct refund_id   id;
    struct call_id     call_id;
    int64_t            amount_minor;
    enum refund_origin origin;
    const char        *client_key;      /* "" none */
    const char        *reason;          /* "" none */
    bool               call_now;        /* false: the recovery job makes the call, at once */
};

/*
 * Queues the refund (pending), its call with the frozen request, audit and event; the payment's
 * held amount grows. Returns a problem, with nothing queued, when its provider is not configured or
 * cannot refund it.
 */
const struct problem *open_refund(struct ctx *ctx, struct payment *payment,
                                  const struct refund_intent *intent, struct refund *refund_out,
                                  struct provider_call *call_out);

/*
 * The problem (422) of a refund request for more than is left; pointer: the JSON member at fault.
 */
const struct problem *refund_too_much(struct ctx *ctx, const struct payment *payment,
                                      const char *pointer);

/*
 * Refunds a surplus or an excess automatically; when that fails, logs an error so that a human
 * acts. key: as in refund_identity.h.
 */
void open_refund_of_surplus(struct ctx *ctx, struct payment *payment, int64_t amount_minor,
                            const char *key);

#endif
