/* The acts of payers and banks at Paystack, as control operations. */
#include "paystack_control.h"

#include <string.h>

#include "sandbox/paystack/paystack_api.h"
#include "sandbox/paystack/paystack_moods.h"
#include "sandbox/paystack/paystack_payments.h"
#include "sandbox/paystack/paystack_refunds.h"
#include "sandbox/paystack/paystack_render.h"

typedef const char *transaction_act(struct paystack *paystack,
                                    struct paystack_transaction *transaction);

void paystack_control_begin(struct control_call *call)
{
    struct paystack *paystack = call->world->paystack;

    paystack_lock(paystack);
    paystack_settle_due(paystack);
    paystack->ago_s = call->ago_s;
}

void paystack_control_end(struct control_call *call)
{
    call->world->paystack->ago_s = 0;
    paystack_unlock(call->world->paystack);
}

/* Answers with the object, or why the act was impossible: 409. The object is adopted. */
static void answer_act(struct control_call *call, const char *why, json_t *object)
{
    if (why == NULL) {
        control_answer(call, object);
        return;
    }
    json_decref(object);
    control_refuse(call, 409, why);
}

/* NULL after answering 404. */
static struct paystack_transaction *find_transaction(struct control_call *call)
{
    struct paystack_transaction *transaction = paystack_find(call->world->paystack, call->id);

    if (transaction == NULL)
        control_refuse(call, 404, "There is no such transaction.");
    return transaction;
}

static void answer_transaction(struct control_call *call, const char *why,
                               const struct paystack_transaction *transaction)
{
    answer_act(call, why, paystack_render_transaction(call->world->paystack, transaction));
}

static void act_on_transaction(struct control_call *call, transaction_act *act)
{
    struct paystack             *paystack = call->world->paystack;
    struct paystack_transaction *transaction;

    if (!control_unpack(call, "{!}"))
        return;
    paystack_control_begin(call);
    transaction = find_transaction(call);
    if (transaction != NULL)
        answer_transaction(call, act(paystack, transaction), transaction);
    paystack_control_end(call);
}

void paystack_control_require_action(struct control_call *call)
{
    act_on_transaction(call, paystack_payment_require_action);
}

void paystack_control_authenticate(struct control_call *call)
{
    act_on_transaction(call, paystack_payment_authenticate);
}

void paystack_control_fail_authentication(struct control_call *call)
{
    act_on_transaction(call, paystack_payment_fail_authentication);
}

void paystack_control_abandon(struct control_call *call)
{
    act_on_transaction(call, paystack_payment_abandon);
}

void paystack_control_expire(struct control_call *call)
{
    act_on_transaction(call, paystack_payment_expire);
}

void paystack_control_stick(struct control_call *call)
{
    act_on_transaction(call, paystack_payment_stick);
}

void paystack_control_reverse(struct control_call *call)
{
    act_on_transaction(call, paystack_payment_reverse);
}

void paystack_control_async_succeed(struct control_call *call)
{
    act_on_transaction(call, paystack_payment_async_succeed);
}

void paystack_control_async_fail(struct control_call *call)
{
    act_on_transaction(call, paystack_payment_async_fail);
}

void paystack_control_pay(struct control_call *call)
{
    struct paystack             *paystack = call->world->paystack;
    struct paystack_transaction *transaction;
    json_int_t                   amount = 0;
    const char                  *why;

    if (!control_unpack(call, "{s?I !}", "amount", &amount))
        return;
    if (amount < 0 || amount > PAYSTACK_AMOUNT_MAX) {
        control_refuse(call, 400, "amount must be positive.");
        return;
    }
    paystack_control_begin(call);
    transaction = find_transaction(call);
    if (transaction != NULL) {
        why = amount == 0 ? paystack_moods_pay(paystack, transaction)
                          : paystack_payment_pay_amount(paystack, transaction, amount);
        answer_transaction(call, why, transaction);
    }
    paystack_control_end(call);
}

void paystack_control_decline(struct control_call *call)
{
    struct paystack             *paystack = call->world->paystack;
    const char                  *gateway_response = PAYSTACK_DECLINE_DEFAULT;
    struct paystack_transaction *transaction;

    if (!control_unpack(call, "{s?s !}", "gateway_response", &gateway_response))
        return;
    paystack_control_begin(call);
    transaction = find_transaction(call);
    if (transaction != NULL)
        answer_transaction(call,
                           paystack_payment_decline(paystack, transaction, gateway_response),
                           transaction);
    paystack_control_end(call);
}

void paystack_control_async_pay(struct control_call *call)
{
    struct paystack             *paystack = call->world->paystack;
    const char                  *name = "pending";
    enum paystack_status         status;
    struct paystack_transaction *transaction;

    if (!control_unpack(call, "{s?s !}", "status", &name))
        return;
    if (!paystack_status_from_name(name, &status) ||
        status < PAYSTACK_PENDING || status > PAYSTACK_QUEUED) {
        control_refuse(call, 400, "status is pending, processing or queued.");
        return;
    }
    paystack_control_begin(call);
    transaction = find_transaction(call);
    if (transaction != NULL)
        answer_transaction(call, paystack_payment_async_pay(paystack, transaction, status),
                           transaction);
    paystack_control_end(call);
}

void paystack_control_refund(struct control_call *call)
{
    struct paystack             *paystack = call->world->paystack;
    struct paystack_transaction *transaction;
    struct paystack_refund      *refund;
    json_int_t                   wanted = 0;
    int64_t                      amount;
    const char                  *why;

    if (!control_unpack(call, "{s?I !}", "amount", &wanted))
        return;
    if (wanted < 0) {
        control_refuse(call, 400, "amount must be positive.");
        return;
    }
    paystack_control_begin(call);
    transaction = find_transaction(call);
    if (transaction != NULL) {
        why = paystack_refund_check(transaction, wanted, &amount);
        if (why != NULL) {
            control_refuse(call, 409, why);
        } else {
            refund = paystack_refund_make(paystack, transaction, amount, NULL, NULL);
            paystack_refund_proceed(paystack, refund);
            control_answer(call, paystack_render_refund(paystack, refund));
        }
    }
    paystack_control_end(call);
}

static void settle_refund(struct control_call *call, enum paystack_refund_status status)
{
    struct paystack        *paystack = call->world->paystack;
    struct paystack_refund *refund;
    const char             *why;

    if (!control_unpack(call, "{!}"))
        return;
    paystack_control_begin(call);
    refund = collection_find(&paystack->refunds, call->id);
    if (refund == NULL) {
        control_refuse(call, 404, "There is no such refund.");
    } else {
        why = paystack_refund_settle(paystack, refund, status);
        answer_act(call, why, paystack_render_refund(paystack, refund));
    }
    paystack_control_end(call);
}

void paystack_control_refund_process(struct control_call *call)
{
    settle_refund(call, PAYSTACK_REFUND_PROCESSING);
}

void paystack_control_refund_succeed(struct control_call *call)
{
    settle_refund(call, PAYSTACK_REFUND_PROCESSED);
}

void paystack_control_refund_fail(struct control_call *call)
{
    struct paystack        *paystack = call->world->paystack;
    struct paystack_refund *refund;
    json_int_t              after_s = 0;
    const char             *why = NULL;

    if (!control_unpack(call, "{s?I !}", "after_s", &after_s))
        return;
    paystack_control_begin(call);
    refund = collection_find(&paystack->refunds, call->id);
    if (refund == NULL) {
        control_refuse(call, 404, "There is no such refund.");
    } else {
        if (after_s > 0)
            paystack_refund_fail_at(paystack, refund,
                                    sandbox_clock_now_s(paystack->clock) + after_s);
        else
            why = paystack_refund_settle(paystack, refund, PAYSTACK_REFUND_FAILED);
        answer_act(call, why, paystack_render_refund(paystack, refund));
    }
    paystack_control_end(call);
}

void paystack_control_refund_need_attention(struct control_call *call)
{
    settle_refund(call, PAYSTACK_REFUND_NEEDS_ATTENTION);
}
