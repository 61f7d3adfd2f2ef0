/* Makes, lists and settles refunds, with their events. */
#include "paystack_refunds.h"

#include <stdio.h>
#include <string.h>

#include "paystack_events.h"
#include "paystack_list.h"
#include "paystack_params.h"
#include "paystack_payments.h"
#include "paystack_render.h"
#include "sandbox/kit/alloc.h"

#define BANK_REFERENCE_FIRST INT64_C(132013318360)
#define BANK_REFERENCES      INT64_C(100000000000)

static void emit_refund(struct paystack *paystack, const struct paystack_refund *refund)
{
    char event[40];

    snprintf(event, sizeof event, "refund.%s", paystack_refund_status_name(refund->status));
    paystack_event_emit(paystack, event, refund->transaction,
                        paystack_render_refund_event(paystack, refund));
}

const char *paystack_refund_check(const struct paystack_transaction *transaction, int64_t amount,
                                  int64_t *amount_out)
{
    int64_t rest = transaction->amount - transaction->refunded - transaction->charged_back -
                   transaction->reversed;

    if (transaction->paid_at_s == 0)
        return "Only successful transactions can be refunded";
    if (rest <= 0)
        return "Transaction has been fully reversed";
    if (amount > rest)
        return "Refund amount cannot be more than what is left of the transaction";
    if (amount % paystack_currency_step(transaction->currency) != 0)
        return "An amount in this currency has no fraction";
    *amount_out = amount == 0 ? rest : amount;
    return NULL;
}

static char *note_of(const char *note, const struct paystack_transaction *transaction)
{
    struct strbuf text = { 0 };

    if (note != NULL)
        return alloc_dup(note);
    strbuf_addf(&text, "Refund for transaction %s", transaction->reference);
    return strbuf_take(&text);
}

struct paystack_refund *paystack_refund_make(struct paystack *paystack,
                                             struct paystack_transaction *transaction,
                                             int64_t amount, const char *merchant_note,
                                             const char *customer_note)
{
    struct paystack_refund *refund = alloc_new(1, sizeof *refund);

    refund->number = paystack_add(paystack, &paystack->refunds, &refund->item);
    refund->transaction = transaction;
    refund->amount = amount;
    refund->merchant_note = note_of(merchant_note, transaction);
    refund->customer_note = note_of(customer_note, transaction);
    refund->updated_at_s = refund->item.created_s;
    transaction->refunded += amount;
    emit_refund(paystack, refund);
    return refund;
}

/* The allowed changes of a refund's status; no others can happen. */
static const struct { enum paystack_refund_status from, to; } settlements[] = {
    { PAYSTACK_REFUND_PENDING,         PAYSTACK_REFUND_PROCESSING      },
    { PAYSTACK_REFUND_PENDING,         PAYSTACK_REFUND_PROCESSED       },
    { PAYSTACK_REFUND_PENDING,         PAYSTACK_REFUND_FAILED          },
    { PAYSTACK_REFUND_PENDING,         PAYSTACK_REFUND_NEEDS_ATTENTION },
    { PAYSTACK_REFUND_PROCESSING,      PAYSTACK_REFUND_PROCESSED       },
    { PAYSTACK_REFUND_PROCESSING,      PAYSTACK_REFUND_FAILED          },
    { PAYSTACK_REFUND_PROCESSING,      PAYSTACK_REFUND_NEEDS_ATTENTION },
    { PAYSTACK_REFUND_PROCESSED,       PAYSTACK_REFUND_FAILED          },  /* days later */
    { PAYSTACK_REFUND_NEEDS_ATTENTION, PAYSTACK_REFUND_PROCESSING      },
    { PAYSTACK_REFUND_NEEDS_ATTENTION, PAYSTACK_REFUND_FAILED          },
};

static bool may_become(enum paystack_refund_status from, enum paystack_refund_status to)
{
    for (size_t i = 0; i < sizeof settlements / sizeof settlements[0]; i++)
        if (settlements[i].from == from && settlements[i].to == to)
            return true;
    return false;
}

/* The refund failed, so the money is the merchant's again. */
static void take_back(struct paystack_refund *refund)
{
    struct paystack_transaction *transaction = refund->transaction;

    refund->failed_at_s = refund->updated_at_s;
    transaction->refunded -= refund->amount;
    if (refund->processed_at_s != 0)
        transaction->refunds_processed -= refund->amount;
    if (transaction->status == PAYSTACK_REVERSED && transaction->reversed_at_s == 0)
        transaction->status = PAYSTACK_SUCCESS;
}

const char *paystack_refund_settle(struct paystack *paystack, struct paystack_refund *refund,
                                   enum paystack_refund_status status)
{
    struct paystack_transaction *transaction = refund->transaction;

    if (!may_become(refund->status, status))
        return "The refund cannot go from its present status to that one.";
    refund->status = status;
    refund->updated_at_s = paystack_now_s(paystack);
    if (status == PAYSTACK_REFUND_FAILED)
        take_back(refund);
    if (status == PAYSTACK_REFUND_PROCESSED) {
        refund->processed_at_s = refund->updated_at_s;
        snprintf(refund->reference, sizeof refund->reference, "%lld",
                 (long long) (BANK_REFERENCE_FIRST + refund->number % BANK_REFERENCES));
        transaction->refunds_processed += refund->amount;
        paystack_payment_note_return(transaction);
    }
    emit_refund(paystack, refund);
    return NULL;
}

void paystack_refund_proceed(struct paystack *paystack, struct paystack_refund *refund)
{
    if (paystack->settings.refund_outcome != PAYSTACK_REFUND_PENDING)
        paystack_refund_settle(paystack, refund, paystack->settings.refund_outcome);
    if (paystack->settings.refund_fails_after_s > 0)
        paystack_refund_fail_at(paystack, refund, refund->item.created_s +
                                                      paystack->settings.refund_fails_after_s);
    else if (moods_strike(faults_moods(paystack->faults), MOOD_REFUND_FAILS))
        paystack_refund_fail_at(paystack, refund,
                                refund->item.created_s + MOOD_REFUND_FAILS_AFTER_S);
}

void paystack_refund_fail_at(struct paystack *paystack, struct paystack_refund *refund,
                             int64_t at_s)
{
    refund->fails_at_s = at_s;
    heap_push(&paystack->failing, at_s, refund);
}

void paystack_refunds_settle_due(struct paystack *paystack)
{
    int64_t                 now_s = sandbox_clock_now_s(paystack->clock);
    const struct heap_item *first;

    while ((first = heap_first(&paystack->failing)) != NULL && first->at <= now_s)
        paystack_refund_settle(paystack, heap_pop(&paystack->failing), PAYSTACK_REFUND_FAILED);
}

/* NULL when the call was answered. */
static struct paystack_transaction *read_transaction(struct paystack_call *call)
{
    char                         name[PAYSTACK_REFERENCE_BYTES_MAX + 1];
    struct paystack_transaction *transaction;

    if (!paystack_read_name(call, "transaction", name, sizeof name))
        return NULL;
    transaction = paystack_find(call->paystack, name);
    if (transaction == NULL)
        paystack_fail(call, call->paystack->settings.missing_status, "transaction_not_found",
                      "Transaction not found");
    return transaction;
}

static bool check_currency(struct paystack_call *call, const char *currency,
                           const struct paystack_transaction *transaction)
{
    if (currency == NULL || strcmp(currency, transaction->currency) == 0)
        return true;
    paystack_reject(call, "invalid_params", "Currency is not that of the transaction");
    return false;
}

/* Answers with the refund as queued; a later request shows what becomes of it at once. */
void paystack_refunds_create(struct paystack_call *call)
{
    const char *currency, *merchant_note, *customer_note, *why;
    struct paystack_transaction *transaction;
    struct paystack_refund      *refund;
    int64_t                      amount;

    if (!paystack_read_amount(call, "amount", &amount) ||
        !paystack_read_text(call, "currency", &currency) ||
        !paystack_read_text(call, "merchant_note", &merchant_note) ||
        !paystack_read_text(call, "customer_note", &customer_note) ||
        (transaction = read_transaction(call)) == NULL ||
        !check_currency(call, currency, transaction))
        return;
    why = paystack_refund_check(transaction, amount, &amount);
    if (why != NULL) {
        paystack_reject(call, "invalid_params", "%s", why);
        return;
    }
    refund = paystack_refund_make(call->paystack, transaction, amount, merchant_note,
                                  customer_note);
    paystack_answer_created(call, "Refund has been queued for processing",
                            paystack_render_new_refund(call->paystack, refund));
    paystack_refund_proceed(call->paystack, refund);
}

/* NULL after answering 404. */
static struct paystack_refund *find_refund(struct paystack_call *call)
{
    struct paystack_refund *refund = collection_find(&call->paystack->refunds, call->id);

    if (refund == NULL)
        paystack_fail(call, 404, "refund_not_found", "Refund not found");
    return refund;
}

void paystack_refunds_fetch(struct paystack_call *call)
{
    const struct paystack_refund *refund = find_refund(call);

    if (refund != NULL)
        paystack_answer(call, "Refund retrieved",
                        paystack_render_refund(call->paystack, refund));
}

static bool check_account(struct paystack_call *call)
{
    const char *currency, *account_number, *bank_id;

    if (json_unpack(json_object_get(call->body, "refund_account_details"), "{s:s, s:s, s:s}",
                    "currency", &currency, "account_number", &account_number,
                    "bank_id", &bank_id) == 0)
        return true;
    paystack_reject(call, "missing_params", "refund_account_details are required");
    return false;
}

void paystack_refunds_retry(struct paystack_call *call)
{
    struct paystack_refund *refund = find_refund(call);

    if (refund == NULL || !check_account(call))
        return;
    if (refund->status != PAYSTACK_REFUND_NEEDS_ATTENTION) {
        paystack_reject(call, "invalid_params", "Only a refund that needs attention can be "
                        "retried; this one is %s", paystack_refund_status_name(refund->status));
        return;
    }
    paystack_refund_settle(call->paystack, refund, PAYSTACK_REFUND_PROCESSING);
    paystack_answer(call, "Refund retried and has been queued for processing",
                    paystack_render_refund(call->paystack, refund));
}

static bool matches(const struct paystack_call *call, const struct item *item)
{
    const struct paystack_refund *refund = (const struct paystack_refund *) item;
    const char *transaction = url_form_find(&call->query, "transaction");
    const char *currency = url_form_find(&call->query, "currency");

    return (transaction == NULL ||
            refund->transaction == paystack_find(call->paystack, transaction)) &&
           (currency == NULL || strcmp(currency, refund->transaction->currency) == 0);
}

static json_t *render(const struct paystack *paystack, const struct item *item)
{
    return paystack_render_refund(paystack, (const struct paystack_refund *) item);
}

static int64_t count_failed(const struct item *item)
{
    return ((const struct paystack_refund *) item)->status == PAYSTACK_REFUND_FAILED;
}

void paystack_refunds_list(struct paystack_call *call)
{
    paystack_list_answer(call, &(struct paystack_listing) {
        .message = "Refunds retrieved", .of = &call->paystack->refunds,
        .says_page_size_as_text = true, .matches = matches, .render = render,
        .sum_name = "failedRefundCount", .sum_of = count_failed,
    });
}
