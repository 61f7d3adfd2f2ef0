/*
 * A payer pays, and each mood may strike: another amount, an inquiry, the payment of another
 * program.
 */
#include "stripe_moods.h"

#include "sandbox/faults/foreign_metadata.h"
#include "stripe_currency.h"
#include "stripe_disputes.h"
#include "stripe_payments.h"
#include "stripe_sessions.h"

struct stripe_session *stripe_foreign_session(struct stripe *stripe,
                                              const struct stripe_session *like)
{
    struct stripe_session *session = stripe_session_copy(stripe, like);
    const json_t          *id;

    session->is_foreign = true;
    json_decref(session->metadata);
    json_decref(session->intent_metadata);
    session->metadata = foreign_metadata(like->metadata);
    session->intent_metadata = foreign_metadata(like->intent_metadata);
    id = json_object_get(session->intent_metadata, "payment_id");
    if (id != NULL && json_object_get(session->metadata, "payment_id") != NULL)
        json_object_set_new(session->metadata, "payment_id", json_deep_copy(id));
    return session;
}

/* 60 % of the amount or twice as much, still valid in that currency. */
static int64_t other_amount(int64_t amount, const char *currency)
{
    int64_t step = stripe_currency_step(currency), less = amount * 3 / 5 / step * step;

    return less > 0 && amount % (2 * step) == 0 ? less : amount * 2;
}

const char *stripe_moods_pay(struct stripe *stripe, struct stripe_session *session)
{
    struct moods *moods = faults_moods(stripe->faults);
    int64_t       amount = session->amount;
    const char   *why;

    if (moods_strike(moods, MOOD_FOREIGN))
        stripe_payment_pay(stripe, stripe_foreign_session(stripe, session));
    if (moods_strike(moods, MOOD_OTHER_AMOUNT))
        amount = other_amount(amount, session->currency);
    why = stripe_payment_pay_amount(stripe, session, amount);
    if (why == NULL && moods_strike(moods, MOOD_INQUIRY))
        stripe_dispute_make(stripe, session->intent, 0, "fraudulent", true, STRIPE_DISPUTE_DUE_S,
                            &why);
    return why;
}
