/* Reads what every document of Paystack has in common: its envelope, amounts, ids and times. */
#include "infrastructure/providers/paystack/paystack_documents.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "domain/moment.h"

#define SAFE_DIGITS 18          /* any number of so many digits fits into signed 64 bits */

/* --- Parsing ------------------------------------------------------------------------------- */

static size_t string_size(struct bytes rest)
{
    size_t at = 1;

    while (at < rest.size && rest.data[at] != '"')
        at += rest.data[at] == '\\' ? 2 : 1;
    return at < rest.size ? at + 1 : rest.size;
}

static size_t number_size(struct bytes rest)
{
    size_t at = 0;

    while (at < rest.size && rest.data[at] != '\0'
           && strchr("+-.eE0123456789", rest.data[at]) != NULL)
        at++;
    return at;
}

static bool is_long_whole_number(struct bytes token)
{
    for (size_t i = 0; i < token.size; i++)
        if (token.data[i] < '0' || token.data[i] > '9')
            return false;
    return token.size > SAFE_DIGITS;
}

/* A string, a number, or a single byte of anything else. */
static struct bytes next_token(struct bytes rest)
{
    size_t size = rest.data[0] == '"' ? string_size(rest) : number_size(rest);

    return (struct bytes) { rest.data, size == 0 ? 1 : size };
}

/* For one such number Jansson would refuse the whole document, or lose its digits. */
static struct bytes quote_long_numbers(struct arena *arena, struct bytes bytes)
{
    struct text text = text_new(arena);

    while (bytes.size > 0) {
        struct bytes token = next_token(bytes);
        bool quote = is_long_whole_number(token);

        if (quote)
            text_append_char(&text, '"');
        text_append_bytes(&text, token);
        if (quote)
            text_append_char(&text, '"');
        bytes = (struct bytes) { bytes.data + token.size, bytes.size - token.size };
    }
    return text_bytes(&text);
}

json_t *paystack_document_parse(struct arena *arena, struct bytes bytes)
{
    return foreign_json_object(arena, quote_long_numbers(arena, bytes));
}

/* --- Members ------------------------------------------------------------------------------- */

bool paystack_worked(const json_t *document)
{
    return json_is_true(json_object_get(document, "status")) ||
           document_is(document, "status", "true");
}

bool paystack_did_not_work(const json_t *document)
{
    return json_is_false(json_object_get(document, "status")) ||
           document_is(document, "status", "false");
}

static bool is_digits(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

void paystack_copy_id(const json_t *object, const char *member,
                      char id_out[static PROVIDER_REF_MAX])
{
    const json_t *id = json_object_get(object, member);

    if (json_is_object(id))
        id = json_object_get(id, "id");
    id_out[0] = '\0';
    if (json_is_integer(id) && json_integer_value(id) >= 0)
        snprintf(id_out, PROVIDER_REF_MAX, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
    else if (json_is_string(id) && is_digits(json_string_value(id)))
        document_copy(id_out, PROVIDER_REF_MAX, json_string_value(id));
}

bool paystack_amount(const json_t *object, const char *member, int64_t *amount_out)
{
    const char *text = document_text(object, member);

    if (document_integer(object, member, amount_out))
        return true;
    if (!is_digits(text) || strlen(text) > SAFE_DIGITS)
        return false;
    *amount_out = strtoll(text, NULL, 10);
    return true;
}

bool paystack_livemode(const json_t *object, bool *livemode_out)
{
    const bool live = document_is(object, "domain", "live");

    if (!live && !document_is(object, "domain", "test"))
        return false;
    *livemode_out = live;
    return true;
}

int64_t paystack_time_s(const json_t *object, const char *const *members)
{
    int64_t at_ms;

    for (; *members != NULL; members++)
        if (moment_parse(document_text(object, *members), &at_ms))
            return at_ms / 1000;
    return 0;
}

bool paystack_next_page(const json_t *document, int64_t *next_out)
{
    const json_t *meta = json_object_get(document, "meta");
    int64_t page, page_count;

    if (!paystack_amount(meta, "page", &page) || !paystack_amount(meta, "pageCount", &page_count))
        return false;
    *next_out = page < page_count ? page + 1 : 0;
    return true;
}

/* Some samples spell it one way, some the other. */
bool paystack_created(const json_t *object, int64_t *created_ms_out)
{
    return moment_parse(document_text(object, "created_at"), created_ms_out) ||
           moment_parse(document_text(object, "createdAt"), created_ms_out);
}

/* --- Ours ---------------------------------------------------------------------------------- */

static void replace(char *text, char from, char to)
{
    char *found = strchr(text, from);

    if (found != NULL)
        *found = to;
}

void paystack_reference(struct payment_id id, char reference_out[static PAYSTACK_REFERENCE_MAX])
{
    replace(id.text, '_', '-');
    memcpy(reference_out, id.text, sizeof(id.text));
}

bool paystack_payment_id(const char *reference, struct payment_id *id_out)
{
    char text[PAYSTACK_REFERENCE_MAX];

    document_copy(text, sizeof(text), reference);
    replace(text, '-', '_');
    return payment_id_parse(text, id_out);
}

/* The metadata, as an object or as the text of one; NULL: there is none. */
static const json_t *metadata_of(struct arena *arena, const json_t *object)
{
    const json_t *metadata = json_object_get(object, "metadata");

    if (json_is_string(metadata))
        return paystack_document_parse(arena, bytes_of(json_string_value(metadata)));
    return json_is_object(metadata) ? metadata : NULL;
}

/* Another program's metadata may look like ours. */
void paystack_read_metadata(struct arena *arena, const json_t *object,
                            struct provider_payment *payment_out)
{
    const json_t *metadata = metadata_of(arena, object);

    if (!payment_id_parse(document_text(metadata, "payment_id"), &payment_out->payment_id))
        payment_out->payment_id.text[0] = '\0';
    if (!order_id_parse(document_text(metadata, "order_id"), &payment_out->order_id))
        payment_out->order_id.text[0] = '\0';
    document_copy(payment_out->proof, sizeof(payment_out->proof),
                  document_text(metadata, "payapi_proof"));
}
