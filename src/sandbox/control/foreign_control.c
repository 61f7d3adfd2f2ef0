/* Makes the payment of another program, with metadata that the caller may change. */
#include "foreign_control.h"

#include "paystack_control.h"
#include "sandbox/paystack/paystack_moods.h"
#include "sandbox/paystack/paystack_payments.h"
#include "sandbox/paystack/paystack_render.h"
#include "sandbox/stripe/stripe_moods.h"
#include "sandbox/stripe/stripe_payments.h"
#include "sandbox/stripe/stripe_render.h"
#include "stripe_control.h"

/* What the call asks for. */
struct wish {
    const char *like;
    json_int_t  amount;
    json_t     *metadata;
    int         pays;
};

static void change(json_t *metadata, json_t *changes)
{
    const char *name;
    json_t     *value;

    json_object_foreach(changes, name, value)
        if (json_is_null(value))
            json_object_del(metadata, name);
        else
            json_object_set(metadata, name, value);
}

static bool make_session(struct control_call *call, const struct wish *wish)
{
    struct stripe         *stripe = call->world->stripe;
    struct stripe_session *like, *session;

    stripe_control_begin(call);
    like = collection_find(&stripe->sessions, wish->like);
    if (like != NULL) {
        session = stripe_foreign_session(stripe, like);
        change(session->metadata, wish->metadata);
        change(session->intent_metadata, wish->metadata);
        if (wish->amount > 0)
            session->amount = wish->amount;
        if (wish->pays)
            stripe_payment_pay(stripe, session);
        control_answer(call, stripe_render_session(session));
    }
    stripe_control_end(call);
    return like != NULL;
}

static bool make_transaction(struct control_call *call, const struct wish *wish)
{
    struct paystack             *paystack = call->world->paystack;
    struct paystack_transaction *like, *transaction;

    paystack_control_begin(call);
    like = paystack_find(paystack, wish->like);
    if (like != NULL) {
        transaction = paystack_foreign_transaction(paystack, like);
        change(transaction->metadata, wish->metadata);
        if (wish->amount > 0)
            transaction->requested_amount = transaction->amount = wish->amount;
        if (wish->pays)
            paystack_payment_pay(paystack, transaction);
        control_answer(call, paystack_render_transaction(paystack, transaction));
    }
    paystack_control_end(call);
    return like != NULL;
}

void foreign_control_make(struct control_call *call)
{
    struct wish wish = { .pays = 1 };

    if (!control_unpack(call, "{s:s, s?I, s?o, s?b !}", "like", &wish.like,
                        "amount", &wish.amount, "metadata", &wish.metadata, "pay", &wish.pays))
        return;
    if (wish.amount < 0 || (wish.metadata != NULL && !json_is_object(wish.metadata)))
        control_refuse(call, 400, "amount must be positive, metadata an object.");
    else if (!make_session(call, &wish) && !make_transaction(call, &wish))
        control_refuse(call, 404, "There is no such session or transaction.");
}
