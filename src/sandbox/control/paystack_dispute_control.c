/* The acts of payers and banks in a dispute at Paystack, as control operations. */
#include "paystack_control.h"
#include "sandbox/paystack/paystack_disputes.h"
#include "sandbox/paystack/paystack_render.h"

static void answer(struct control_call *call, const char *why,
                   const struct paystack_dispute *dispute)
{
    if (why != NULL)
        control_refuse(call, 409, why);
    else
        control_answer(call, paystack_render_dispute(call->world->paystack, dispute));
}

/* NULL after answering 404. */
static struct paystack_dispute *find_dispute(struct control_call *call)
{
    struct paystack_dispute *dispute =
        collection_find(&call->world->paystack->disputes, call->id);

    if (dispute == NULL)
        control_refuse(call, 404, "There is no such dispute.");
    return dispute;
}

void paystack_control_dispute(struct control_call *call)
{
    struct paystack             *paystack = call->world->paystack;
    json_int_t                   amount = 0, due_s = PAYSTACK_DISPUTE_DUE_S;
    const char                  *category = "chargeback", *why = NULL;
    struct paystack_transaction *transaction;
    struct paystack_dispute     *dispute;

    if (!control_unpack(call, "{s?I, s?s, s?I !}", "refund_amount", &amount,
                        "category", &category, "due_s", &due_s))
        return;
    if (amount < 0 || due_s < 0) {
        control_refuse(call, 400, "refund_amount and due_s must be positive.");
        return;
    }
    paystack_control_begin(call);
    transaction = paystack_find(paystack, call->id);
    if (transaction == NULL) {
        control_refuse(call, 404, "There is no such transaction.");
    } else {
        dispute = paystack_dispute_make(paystack, transaction, amount, category, due_s, &why);
        answer(call, why, dispute);
    }
    paystack_control_end(call);
}

void paystack_control_dispute_remind(struct control_call *call)
{
    struct paystack         *paystack = call->world->paystack;
    struct paystack_dispute *dispute;

    if (!control_unpack(call, "{!}"))
        return;
    paystack_control_begin(call);
    dispute = find_dispute(call);
    if (dispute != NULL)
        answer(call, paystack_dispute_remind(paystack, dispute), dispute);
    paystack_control_end(call);
}

void paystack_control_dispute_update(struct control_call *call)
{
    struct paystack             *paystack = call->world->paystack;
    const char                  *name;
    enum paystack_dispute_status status;
    struct paystack_dispute     *dispute;

    if (!control_unpack(call, "{s:s !}", "status", &name))
        return;
    if (!paystack_dispute_status_from_name(name, &status)) {
        control_refuse(call, 400, "status is awaiting-merchant-feedback, awaiting-bank-feedback, "
                       "pending or archived.");
        return;
    }
    paystack_control_begin(call);
    dispute = find_dispute(call);
    if (dispute != NULL)
        answer(call, paystack_dispute_move(paystack, dispute, status), dispute);
    paystack_control_end(call);
}

void paystack_control_dispute_resolve(struct control_call *call)
{
    struct paystack         *paystack = call->world->paystack;
    const char              *name;
    enum paystack_resolution resolution;
    json_int_t               amount = 0;
    struct paystack_dispute *dispute;

    if (!control_unpack(call, "{s:s, s?I !}", "resolution", &name, "refund_amount", &amount))
        return;
    if (!paystack_resolution_from_name(name, &resolution) || amount < 0) {
        control_refuse(call, 400, "resolution is merchant-accepted, declined or auto-accepted; "
                       "refund_amount is positive.");
        return;
    }
    paystack_control_begin(call);
    dispute = find_dispute(call);
    if (dispute != NULL)
        answer(call, paystack_dispute_resolve(paystack, dispute, resolution, amount), dispute);
    paystack_control_end(call);
}
