/*
 * answer.h - the answer to the client. A command renders its answer inside its last transaction, so
 * that an idempotency key can replay it byte for byte. Rendering lives in infrastructure/api.
 */
#ifndef PAYAPI_APPLICATION_ANSWER_H
#define PAYAPI_APPLICATION_ANSWER_H

#include "application/ctx.h"
#include "application/stream.h"
#include "domain/dispute.h"
#include "domain/order.h"
#include "domain/payment.h"
#include "domain/refund.h"
#include "domain/webhook_endpoint.h"

/* Retry-After of a 202 when the provider named no time. */
#define ANSWER_ASK_AGAIN_S 5

struct answer {
    int          http_status;
    struct bytes body;                  /* problem document when http_status >= 400; in the arena */
    int          retry_after_s;         /* 0: no such header */
    const char  *allow;                 /* 405: "GET, POST"; else NULL */
    const struct answer_stream *stream; /* sent after the head instead of body; or NULL */
    const char  *handed_to;  /* nginx's address that gives the answer instead of body; or NULL */
    bool         replayed;              /* Idempotent-Replayed: true */
    const struct problem *problem;  /* for the log: what body says, or why it is 202; or NULL */
};

/* {"success":true,"statusCode":...,"data":{...}} */
struct answer answer_order(struct ctx *ctx, int http_status, const struct order *order);
struct answer answer_payment(struct ctx *ctx, int http_status, const struct payment *payment);
struct answer answer_refund(struct ctx *ctx, int http_status, const struct refund *refund);
/* application/problem+json; 401 etc. get their headers where the answer is written. */
struct answer answer_problem(struct ctx *ctx, const struct problem *problem);

/* The bare resource, as it appears in answers, domain events and the audit. */
struct bytes order_json(struct ctx *ctx, const struct order *order);
struct bytes payment_json(struct ctx *ctx, const struct payment *payment);
/* The same with one more member at its end; value "" becomes null. */
struct bytes payment_json_with(struct ctx *ctx, const struct payment *payment, const char *name,
                               const char *value);
struct bytes refund_json(struct ctx *ctx, const struct refund *refund);
struct bytes webhook_endpoint_json(struct ctx *ctx, const struct webhook_endpoint *endpoint);
struct bytes dispute_json(struct ctx *ctx, const struct dispute *dispute);

#endif
