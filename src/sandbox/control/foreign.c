#include "foreign.h"

#include "paystack_control.h"
#include "sandbox/kit/memory.h"
#include "sandbox/paystack/paystack_payments.h"
#include "sandbox/paystack/paystack_render.h"
#include "sandbox/paystack/paystack_transactions.h"
#include "sandbox/stripe/stripe_payments.h"
#include "sandbox/stripe/stripe_render.h"
#include "sandbox/stripe/stripe_sessions.h"
#include "stripe_control.h"

#include <stdlib.h>
#include <string.h>

#define OWN_DIGITS 8

/* The same form, other digits at the end. */
static json_t *other_id(const char *id)
{
    char    digits[OWN_DIGITS + 1];
    char   *other = memory_dup(id);
    size_t  length = strlen(other);
    json_t *text;

    text_random_id("", OWN_DIGITS, digits, sizeof digits);
    for (size_t i = 0; i < OWN_DIGITS && i < length; i++)
        other[length - 1 - i] = (char) ('0' + digits[i] % 10);
    text = json_string(other);
    free(other);
    return text;
}

static bool is_proof(const char *name)
{
    size_t length = strlen(name);

    return length >= 5 && strcmp(name + length - 5, "proof") == 0;
}

json_t *foreign_metadata(const json_t *ours)
{
    json_t     *metadata = json_deep_copy(ours), *value;
    const char *name;
    void       *next;

    json_object_foreach_safe(metadata, next, name, value) {
        if (is_proof(name))
            json_object_del(metadata, name);
        else if (strcmp(name, "payment_id") == 0 && json_is_string(value))
            json_object_set_new(metadata, name, other_id(json_string_value(value)));
    }
    return metadata;
}

struct stripe_session *foreign_session(struct stripe *stripe, const struct stripe_session *like)
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

/* As an object, also when it was sent as the text of one. New; NULL. */
static json_t *metadata_of(const struct paystack_transaction *transaction)
{
    const char *text = json_string_value(transaction->metadata);

    return text == NULL ? json_incref(transaction->metadata) : json_loads(text, 0, NULL);
}

struct paystack_transaction *foreign_transaction(struct paystack *paystack,
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
        session = foreign_session(stripe, like);
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
        transaction = foreign_transaction(paystack, like);
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

void foreign_make(struct control_call *call)
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
