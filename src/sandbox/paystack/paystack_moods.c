/* A payer pays, and each mood may strike: another amount, a payment that hangs or is reversed. */
#include "paystack_moods.h"

#include "paystack_payments.h"
#include "paystack_transactions.h"
#include "sandbox/faults/foreign_metadata.h"

/* The metadata as an object, even when it was sent as JSON text. New; NULL without any. */
static json_t *metadata_of(const struct paystack_transaction *transaction)
{
    const char *text = json_string_value(transaction->metadata);

    return text == NULL ? json_incref(transaction->metadata) : json_loads(text, 0, NULL);
}

struct paystack_transaction *paystack_foreign_transaction(struct paystack *paystack,
                                                          const struct paystack_transaction *like)
{
    struct paystack_transaction *transaction = paystack_transaction_copy(paystack, like);
    json_t                      *ours = metadata_of(like);

    transaction->is_foreign = true;
    json_decref(transaction->metadata);
    transaction->metadata = foreign_metadata(ours);
    json_decref(ours);
    return transaction;
}

/* 60 % of the amount or twice as much, still valid in that currency. */
static int64_t other_amount(int64_t amount, const char *currency)
{
    int64_t step = paystack_currency_step(currency), less = amount * 3 / 5 / step * step;

    return less > 0 && amount % (2 * step) == 0 ? less : amount * 2;
}

const char *paystack_moods_pay(struct paystack *paystack,
                               struct paystack_transaction *transaction)
{
    struct moods *moods = faults_moods(paystack->faults);
    int64_t       amount = transaction->requested_amount;
    const char   *why;

    if (moods_strike(moods, MOOD_FOREIGN))
        paystack_payment_pay(paystack, paystack_foreign_transaction(paystack, transaction));
    if (moods_strike(moods, MOOD_STUCK))
        return paystack_payment_stick(paystack, transaction);
    if (moods_strike(moods, MOOD_OTHER_AMOUNT))
        amount = other_amount(amount, transaction->currency);
    why = paystack_payment_pay_amount(paystack, transaction, amount);
    if (why == NULL && moods_strike(moods, MOOD_REVERSED))
        why = paystack_payment_reverse(paystack, transaction);
    return why;
}
