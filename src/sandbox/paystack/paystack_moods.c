#include "paystack_moods.h"

#include "paystack_payments.h"
#include "sandbox/control/foreign.h"

/* 60 % of it or twice as much, still an amount of that currency. */
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
        paystack_payment_pay(paystack, foreign_transaction(paystack, transaction));
    if (moods_strike(moods, MOOD_STUCK))
        return paystack_payment_stick(paystack, transaction);
    if (moods_strike(moods, MOOD_OTHER_AMOUNT))
        amount = other_amount(amount, transaction->currency);
    why = paystack_payment_pay_amount(paystack, transaction, amount);
    if (why == NULL && moods_strike(moods, MOOD_REVERSED))
        why = paystack_payment_reverse(paystack, transaction);
    return why;
}
