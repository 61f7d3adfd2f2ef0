/*
 * Paystack's answers: a first line "operation status", then the body. Only a success can say that
 * something was done; whatever we could not read is unknown, never refused.
 */
#include "fuzz.h"

#include <stdio.h>

#include "paystack_account.h"

static void read_payment(struct ctx *ctx, const struct provider_request *request,
                         const struct provider_reply *reply)
{
    const struct provider *paystack = fuzz_paystack();
    const struct payment payment = fuzz_naira_payment();
    struct provider_outcome outcome = { 0 };

    paystack->read_reply(ctx, paystack, &payment, request, reply, &outcome);
    assert(outcome.verdict <= VERDICT_UNKNOWN);
    if (outcome.verdict == VERDICT_DONE && outcome.payment.facts.captured_minor != 0)
        assert(reply->http_status >= 200 && reply->http_status < 300);
    if (reply->http_status >= 500 || reply->http_status == 0)
        assert(outcome.verdict == VERDICT_UNKNOWN || outcome.verdict == VERDICT_NOT_EXECUTED);
}

static void read_refunds(struct ctx *ctx, const struct provider_request *request,
                         const struct provider_reply *reply)
{
    const struct provider *paystack = fuzz_paystack();
    const struct payment payment = fuzz_naira_payment();
    const struct refund refund = { .amount = { 2500, "NGN" } };
    struct provider_outcome outcome = { 0 };
    struct provider_refund *refunds = NULL;
    const char *after = "";
    int count = 0;

    paystack->read_refund_reply(ctx, paystack, &payment, &refund, request, reply, &outcome);
    assert(outcome.verdict <= VERDICT_UNKNOWN);
    if (paystack->read_refund_list(ctx, &payment, reply, &refunds, &count, &after))
        assert(reply->http_status >= 200 && reply->http_status < 300 && count >= 0 && after != NULL);
}

static void read_disputes(struct ctx *ctx, const struct provider_reply *reply)
{
    const struct provider *paystack = fuzz_paystack();
    const struct payment payment = fuzz_naira_payment();
    struct provider_dispute *disputes = NULL;
    int count = 0;

    if (paystack->read_dispute_list == NULL ||
        !paystack->read_dispute_list(ctx, &payment, reply, &disputes, &count))
        return;
    for (int i = 0; i < count; i++)
        assert(disputes[i].facts.amount_minor > 0 && *disputes[i].ref != '\0');
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    struct ctx ctx = fuzz_paystack_ctx(arena);
    char operation[32] = "";
    int status = 0;
    struct provider_request request = { .method = "POST", .path = "", .idempotency_key = "" };
    struct provider_reply reply = { .sent = true, .complete = true, .should_retry = -1, .request_id = "",
                                    .error = "" };

    if (sscanf(fuzz_line(arena, &input), "%31s %3d", operation, &status) != 2)
        return;
    (void) provider_operation_parse(operation, &request.operation);
    reply.http_status = status;
    reply.body = input;
    read_payment(&ctx, &request, &reply);
    read_refunds(&ctx, &request, &reply);
    read_disputes(&ctx, &reply);
}
