#include "infrastructure/providers/stripe/stripe_documents.h"

#include <string.h>

#include "infrastructure/providers/stripe/stripe_currency.h"

/* --- Parsing ------------------------------------------------------------------------------- */

/* Deepest nesting of brackets outside strings; Jansson recurses, so it is asked only afterwards. */
static bool is_shallow(struct bytes bytes)
{
    bool in_string = false;
    int depth = 0;

    for (size_t i = 0; i < bytes.size; i++) {
        char c = bytes.data[i];

        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && (c == '}' || c == ']'))
            depth--;
        if (depth > STRIPE_DEPTH_MAX)
            return false;
    }
    return true;
}

static void release_json(void *json)
{
    json_decref(json);
}

json_t *stripe_document_parse(struct arena *arena, struct bytes bytes)
{
    json_t *document;

    if (bytes.size == 0 || !is_shallow(bytes))
        return NULL;
    document = arena_adopt(arena, json_loadb(bytes.data, bytes.size, JSON_REJECT_DUPLICATES, NULL),
                           release_json);
    return json_is_object(document) ? document : NULL;
}

/* --- Members ------------------------------------------------------------------------------- */

const char *stripe_text(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    return text != NULL ? text : "";
}

bool stripe_integer(const json_t *object, const char *member, int64_t *number_out)
{
    const json_t *number = json_object_get(object, member);

    if (!json_is_integer(number))
        return false;
    *number_out = json_integer_value(number);
    return true;
}

bool stripe_is(const json_t *object, const char *member, const char *text)
{
    return strcmp(stripe_text(object, member), text) == 0;
}

const char *stripe_id(const json_t *object, const char *member)
{
    const json_t *expanded = json_object_get(object, member);

    return json_is_object(expanded) ? stripe_text(expanded, "id") : stripe_text(object, member);
}

void stripe_copy(char *to_out, size_t size, const char *text)
{
    size_t length = strlen(text);

    to_out[0] = '\0';
    if (length < size)
        memcpy(to_out, text, length + 1);
}

static bool continues_character(char c)
{
    return ((unsigned char) c & 0xc0) == 0x80;
}

void stripe_copy_start(char *to_out, size_t size, const char *text)
{
    size_t length = strlen(text);

    if (length >= size) {
        length = size - 1;
        while (length > 0 && continues_character(text[length]))
            length--;
    }
    memcpy(to_out, text, length);
    to_out[length] = '\0';
}

/* --- Objects ------------------------------------------------------------------------------- */

void stripe_read_references(const json_t *object, struct provider_payment *payment_out)
{
    const char *payment_id = stripe_text(json_object_get(object, "metadata"), "payment_id");

    if (!payment_id_parse(payment_id, &payment_out->payment_id))
        payment_out->payment_id.text[0] = '\0';         /* somebody else's metadata */
    if (stripe_is(object, "object", "checkout.session"))
        stripe_copy(payment_out->ref, sizeof(payment_out->ref), stripe_text(object, "id"));
    if (stripe_is(object, "object", "payment_intent"))
        stripe_copy(payment_out->intent, sizeof(payment_out->intent), stripe_text(object, "id"));
    else
        stripe_copy(payment_out->intent, sizeof(payment_out->intent),
                    stripe_id(object, "payment_intent"));
}

void stripe_read_amount(const json_t *object, const char *member,
                        struct provider_payment *payment_out)
{
    int64_t stripe_amount, minor;
    char currency[4];

    if (!stripe_integer(object, member, &stripe_amount) ||
        !stripe_currency_read(stripe_text(object, "currency"), currency) ||
        !stripe_amount_to_minor(stripe_amount, currency, &minor))
        return;
    payment_out->amount_minor = minor;
    memcpy(payment_out->currency, currency, sizeof(currency));
}

/* --- Failures ------------------------------------------------------------------------------ */

/*
 * What a payer must not be told: it would tell a thief. Shown as an ordinary decline.
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
    const char *decline = stripe_text(error, "decline_code");
    const char *code = decline[0] != '\0' ? decline : stripe_text(error, "code");

    if (is_secret_decline(code))
        return "card_declined";
    return code[0] != '\0' ? code : "payment_failed";
}

/* Only the message of a card_error is made for the payer; others may hold ids. */
static const char *failure_reason(const json_t *error)
{
    if (is_secret_decline(stripe_text(error, "decline_code")) ||
        is_secret_decline(stripe_text(error, "code")))
        return "Your card was declined.";
    if (!stripe_is(error, "type", "card_error") || stripe_text(error, "message")[0] == '\0')
        return "The payment did not go through.";
    return stripe_text(error, "message");
}

void stripe_read_failure(const json_t *error, char code_out[static FAILURE_CODE_MAX],
                         char reason_out[static FAILURE_REASON_MAX])
{
    stripe_copy_start(code_out, FAILURE_CODE_MAX, failure_code(error));
    stripe_copy_start(reason_out, FAILURE_REASON_MAX, failure_reason(error));
}
