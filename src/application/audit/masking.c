/* Masks what we sent a provider: a form or JSON. */
#include "application/audit/masking.h"

#include "base/text.h"

/* The last part of a form's name: line_items[0][price_data][currency] is "currency". */
static const char *const harmless[] = {
    "amount", "amount_to_capture", "currency", "expires_at", "limit", "mode", "order_id",
    "payment_id", "payment_intent", "quantity", "reason", "refund_id", "unit_amount",
};

/* Brackets may be plain or percent-encoded. */
static struct bytes last_part(struct bytes name)
{
    struct bytes part = name;
    const char *end = name.data + name.size;

    for (const char *at = name.data; at < end; at++)
        if (*at == '[')
            part = (struct bytes) { at + 1, (size_t) (end - at - 1) };
        else if (end - at >= 3 && strncasecmp(at, "%5B", 3) == 0)
            part = (struct bytes) { at + 3, (size_t) (end - at - 3) };
    if (part.size >= 1 && part.data[part.size - 1] == ']')
        part.size -= 1;
    else if (part.size >= 3 && strncasecmp(part.data + part.size - 3, "%5D", 3) == 0)
        part.size -= 3;
    return part;
}

static bool is_harmless(struct bytes name)
{
    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
        if (bytes_equal(name, bytes_of(harmless[i])))
            return true;
    return false;
}

static void mask_pair(struct text *text, const char *pair, size_t size)
{
    const char *equals = memchr(pair, '=', size);
    struct bytes name = { pair, equals != NULL ? (size_t) (equals - pair) : 0 };

    text_append_bytes(text, name);
    if (equals == NULL)
        text_append(text, "***");
    else if (is_harmless(last_part(name)))
        text_append_bytes(text, (struct bytes) { equals, size - name.size });
    else
        text_append(text, "=***");
}

const char *mask_form(struct arena *arena, const char *form)
{
    struct text text = text_new(arena);

    text_append(&text, "");
    while (*form != '\0') {
        size_t size = strcspn(form, "&");

        mask_pair(&text, form, size);
        form += size;
        if (*form == '&')
            text_append_char(&text, *form++);
    }
    return text_bytes(&text).data;
}

const char *mask_request(struct arena *arena, const char *body)
{
    return *body == '{' ? mask_json(arena, bytes_of(body)) : mask_form(arena, body);
}
