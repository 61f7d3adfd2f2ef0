/* Reads what every object of Stripe has in common: references, ids, failures and currencies. */
#include "infrastructure/providers/stripe/stripe_documents.h"

#include <string.h>

#include "infrastructure/providers/stripe/stripe_currency.h"

/* --- Objects ------------------------------------------------------------------------------- */

const char *stripe_id(const json_t *object, const char *member)
{
    const json_t *expanded = json_object_get(object, member);

    return json_is_object(expanded) ? document_text(expanded, "id") : document_text(object, member);
}

/* Another program's metadata may look like ours. */
static void read_metadata(const json_t *metadata, struct provider_payment *payment_out)
{
    if (!payment_id_parse(document_text(metadata, "payment_id"), &payment_out->payment_id))
        payment_out->payment_id.text[0] = '\0';
    if (!order_id_parse(document_text(metadata, "order_id"), &payment_out->order_id))
        payment_out->order_id.text[0] = '\0';
    document_copy(payment_out->proof, sizeof(payment_out->proof),
                  document_text(metadata, "payapi_proof"));
}

void stripe_read_references(const json_t *object, struct provider_payment *payment_out)
{
    read_metadata(json_object_get(object, "metadata"), payment_out);
    if (document_is(object, "object", "checkout.session"))
        document_copy(payment_out->ref, sizeof(payment_out->ref), document_text(object, "id"));
    if (document_is(object, "object", "payment_intent"))
        document_copy(payment_out->intent, sizeof(payment_out->intent),
                      document_text(object, "id"));
    else
        document_copy(payment_out->intent, sizeof(payment_out->intent),
                    stripe_id(object, "payment_intent"));
}

void stripe_read_amount(const json_t *object, const char *member,
                        struct provider_payment *payment_out)
{
    int64_t stripe_amount, minor;
    char currency[4];

    if (!document_integer(object, member, &stripe_amount) ||
        !stripe_currency_read(document_text(object, "currency"), currency) ||
        !stripe_amount_to_minor(stripe_amount, currency, &minor))
        return;
    payment_out->amount_minor = minor;
    memcpy(payment_out->currency, currency, sizeof(currency));
}

/* --- Failures ------------------------------------------------------------------------------ */

/*
 * Declines that a payer must not learn of: the payer may be a thief. Shown as an ordinary decline.
 * Source: docs.stripe.com/declines/codes ("do not report more detailed information").
 */
static bool is_secret_decline(const char *code)
{
    static const char *const secret[] = {
        "lost_card", "stolen_card", "pickup_card", "fraudulent", "merchant_blacklist",
    };

    for (size_t i = 0; i < sizeof(secret) / sizeof(secret[0]); i++)
        if (strcmp(secret[i], code) == 0)
            return true;
    return false;
}

static const char *failure_code(const json_t *error)
{
    const char *decline = document_text(error, "decline_code");
    const char *code = decline[0] != '\0' ? decline : document_text(error, "code");

    if (is_secret_decline(code))
        return "card_declined";
    return code[0] != '\0' ? code : "payment_failed";
}

/* Only the message of a card_error is meant for the payer; others may hold ids. */
static const char *failure_reason(const json_t *error)
{
    if (is_secret_decline(document_text(error, "decline_code")) ||
        is_secret_decline(document_text(error, "code")))
        return "Your card was declined.";
    if (!document_is(error, "type", "card_error") || document_text(error, "message")[0] == '\0')
        return "The payment did not go through.";
    return document_text(error, "message");
}

void stripe_read_failure(const json_t *error, char code_out[static FAILURE_CODE_MAX],
                         char reason_out[static FAILURE_REASON_MAX])
{
    document_copy_start(code_out, FAILURE_CODE_MAX, failure_code(error));
    document_copy_start(reason_out, FAILURE_REASON_MAX, failure_reason(error));
}
