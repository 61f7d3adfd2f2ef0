/*
 * Stripe's answers: a first line "operation status", then the body. Only a success can say that
 * something was done; whatever we could not read is unknown, never refused.
 */
#include "fuzz.h"

#include <stdio.h>

#include "stripe_account.h"

static void read_payment(struct ctx *ctx, const struct provider_request *request,
                         const struct provider_reply *reply)
{
    const struct provider *stripe = fuzz_stripe();
    const struct payment payment = fuzz_payment();
    struct provider_outcome outcome = { 0 };

    stripe->read_reply(ctx, stripe, &payment, request, reply, &outcome);
    assert(outcome.verdict <= VERDICT_UNKNOWN);
    if (outcome.verdict == VERDICT_DONE)
        assert(reply->http_status >= 200 && reply->http_status < 300);
    if (reply->http_status >= 500 || reply->http_status == 0)
        assert(outcome.verdict == VERDICT_UNKNOWN || outcome.verdict == VERDICT_NOT_EXECUTED);
}

static void read_refund(struct ctx *ctx, const struct provider_request *request,
                        const struct provider_reply *reply)
{
    const struct provider *stripe = fuzz_stripe();
    const struct payment payment = fuzz_payment();
    const struct refund refund = { .amount = { 2500, "USD" } };
    struct provider_outcome outcome = { 0 };
    struct provider_refund *refunds = NULL;
    const char *after = NULL;
    int count = 0;

    stripe->read_refund_reply(ctx, stripe, &payment, &refund, request, reply, &outcome);
    assert(outcome.verdict <= VERDICT_UNKNOWN);
    if (stripe->read_refund_list(ctx, &payment, reply, &refunds, &count, &after))
        assert(reply->http_status == 200 && count >= 0 && after != NULL);
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    struct ctx ctx = { .arena = arena, .now_ms = FUZZ_NOW_MS };
    char operation[32] = "";
    int status = 0;
    struct provider_request request = { .method = "POST", .path = "", .idempotency_key = "k" };
    struct provider_reply reply = { .sent = true, .complete = true, .should_retry = -1, .request_id = "",
                                    .error = "" };

    if (sscanf(fuzz_line(arena, &input), "%31s %3d", operation, &status) != 2)
        return;
    (void) provider_operation_parse(operation, &request.operation);
    reply.http_status = status;
    reply.body = input;
    read_payment(&ctx, &request, &reply);
    read_refund(&ctx, &request, &reply);
}
