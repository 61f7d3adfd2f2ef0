/* Moves a transaction through its states as the payer and the bank act. */
#include "paystack_payments.h"

#include <stdlib.h>

#include "paystack_events.h"
#include "paystack_render.h"
#include "sandbox/kit/alloc.h"
#include "sandbox/kit/strbuf.h"

#define FEES_PER_MILLE 15

static const char not_open[] = "The transaction cannot be paid in its present state.";
static const char not_waiting[] = "The transaction does not wait for an OTP.";
static const char not_under_way[] = "The bank is not processing it.";

bool paystack_payment_is_open(const struct paystack_transaction *transaction)
{
    return !transaction->is_closed && (transaction->status == PAYSTACK_ABANDONED ||
                                       transaction->status == PAYSTACK_ONGOING ||
                                       transaction->status == PAYSTACK_FAILED);
}

static bool is_under_way(const struct paystack_transaction *transaction)
{
    return transaction->status == PAYSTACK_PENDING ||
           transaction->status == PAYSTACK_PROCESSING || transaction->status == PAYSTACK_QUEUED;
}

static void set(struct paystack_transaction *transaction, enum paystack_status status,
                const char *gateway_response)
{
    transaction->status = status;
    free(transaction->gateway_response);
    transaction->gateway_response = alloc_dup(gateway_response);
}

static void emit(struct paystack *paystack, const char *event,
                 const struct paystack_transaction *transaction)
{
    paystack_event_emit(paystack, event, transaction,
                        paystack_render_transaction(paystack, transaction));
}

/* The money has come in. */
static void succeed(struct paystack *paystack, struct paystack_transaction *transaction,
                    int64_t amount)
{
    transaction->fees = amount * FEES_PER_MILLE / 1000;
    transaction->amount = amount + (paystack->settings.passes_fees_on ? transaction->fees : 0);
    transaction->paid_at_s = paystack_now_s(paystack);
    if (transaction->item.created_s > transaction->paid_at_s)
        transaction->item.created_s = transaction->paid_at_s;
    random_id("AUTH_", 10, transaction->authorization_code,
              sizeof transaction->authorization_code);
    set(transaction, PAYSTACK_SUCCESS, "Successful");
    emit(paystack, "charge.success", transaction);
}

/* No event is sent, unless a test asks for one that Paystack does not list. */
static void fail(struct paystack *paystack, struct paystack_transaction *transaction,
                 const char *gateway_response)
{
    set(transaction, PAYSTACK_FAILED, gateway_response);
    if (paystack->settings.sends_charge_failed)
        emit(paystack, "charge.failed", transaction);
}

const char *paystack_payment_pay_amount(struct paystack *paystack,
                                        struct paystack_transaction *transaction, int64_t amount)
{
    if (!paystack_payment_is_open(transaction))
        return not_open;
    transaction->channel = amount == transaction->requested_amount ? "card" : "bank_transfer";
    succeed(paystack, transaction, amount);
    return NULL;
}

const char *paystack_payment_pay(struct paystack *paystack,
                                 struct paystack_transaction *transaction)
{
    return paystack_payment_pay_amount(paystack, transaction, transaction->requested_amount);
}

const char *paystack_payment_decline(struct paystack *paystack,
                                     struct paystack_transaction *transaction,
                                     const char *gateway_response)
{
    if (!paystack_payment_is_open(transaction))
        return not_open;
    fail(paystack, transaction, gateway_response);
    return NULL;
}

const char *paystack_payment_require_action(struct paystack *paystack,
                                            struct paystack_transaction *transaction)
{
    (void) paystack;
    if (!paystack_payment_is_open(transaction))
        return not_open;
    set(transaction, PAYSTACK_ONGOING, "Please enter the OTP sent to your phone");
    return NULL;
}

const char *paystack_payment_authenticate(struct paystack *paystack,
                                          struct paystack_transaction *transaction)
{
    return transaction->status == PAYSTACK_ONGOING ? paystack_payment_pay(paystack, transaction)
                                                   : not_waiting;
}

const char *paystack_payment_fail_authentication(struct paystack *paystack,
                                                 struct paystack_transaction *transaction)
{
    return transaction->status == PAYSTACK_ONGOING
               ? paystack_payment_decline(paystack, transaction, "Incorrect OTP") : not_waiting;
}

const char *paystack_payment_abandon(struct paystack *paystack,
                                     struct paystack_transaction *transaction)
{
    (void) paystack;
    if (!paystack_payment_is_open(transaction))
        return not_open;
    if (transaction->status == PAYSTACK_ONGOING)
        set(transaction, PAYSTACK_ABANDONED, PAYSTACK_NOT_COMPLETED);
    return NULL;
}

const char *paystack_payment_async_pay(struct paystack *paystack,
                                       struct paystack_transaction *transaction,
                                       enum paystack_status status)
{
    (void) paystack;
    if (!paystack_payment_is_open(transaction))
        return not_open;
    transaction->channel = "bank_transfer";
    set(transaction, status, "Pending");
    return NULL;
}

const char *paystack_payment_async_succeed(struct paystack *paystack,
                                           struct paystack_transaction *transaction)
{
    if (!is_under_way(transaction))
        return not_under_way;
    succeed(paystack, transaction, transaction->requested_amount);
    return NULL;
}

const char *paystack_payment_async_fail(struct paystack *paystack,
                                        struct paystack_transaction *transaction)
{
    if (!is_under_way(transaction))
        return not_under_way;
    fail(paystack, transaction, "Declined");
    return NULL;
}

const char *paystack_payment_expire(struct paystack *paystack,
                                    struct paystack_transaction *transaction)
{
    const char *why = paystack_payment_abandon(paystack, transaction);

    if (why == NULL)
        transaction->is_closed = true;
    return why;
}

const char *paystack_payment_stick(struct paystack *paystack,
                                   struct paystack_transaction *transaction)
{
    const char *why = paystack_payment_require_action(paystack, transaction);

    if (why == NULL)
        transaction->is_closed = true;
    return why;
}

const char *paystack_payment_reverse(struct paystack *paystack,
                                     struct paystack_transaction *transaction)
{
    if (transaction->paid_at_s == 0 || transaction->status == PAYSTACK_REVERSED)
        return "There is nothing paid to reverse.";
    transaction->reversed =
        transaction->amount - transaction->refunded - transaction->charged_back;
    transaction->reversed_at_s = paystack_now_s(paystack);
    transaction->status = PAYSTACK_REVERSED;
    return NULL;
}

void paystack_payment_note_return(struct paystack_transaction *transaction)
{
    if (transaction->refunds_processed + transaction->charged_back >= transaction->amount)
        transaction->status = PAYSTACK_REVERSED;
}
