/* A request body, read as the members of an order: what is taken is within every limit. */
#include "fuzz.h"

#include "infrastructure/api/input/fields.h"

static void check_text(const char *text, size_t bytes_max)
{
    assert(strlen(text) <= bytes_max);
    for (; *text != '\0'; text++)
        assert((unsigned char) *text >= ' ' && *text != 0x7f);
}

static void release_json(void *json)
{
    json_decref(json);
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    const struct request request = { .content_type = "application/json", .body = input };
    struct ctx ctx = { .arena = arena };
    struct json_body body = { 0 };
    struct fields fields;
    struct money money;
    const char *currency, *texts[4], *metadata;
    json_t *pairs;

    if (json_body_read(&ctx, &request, BODY_REQUIRED, &body) != OK)
        return;
    fields = fields_new(arena, &body);
    currency = fields_currency(&fields, "currency", FIELD_REQUIRED);
    money = fields_money(&fields, currency);
    texts[0] = fields_text(&fields, "description", FIELD_OPTIONAL, 255);
    texts[1] = fields_order_id(&fields, "id");
    texts[2] = fields_email(&fields, "customerEmail");
    texts[3] = fields_url(&fields, "returnUrl", "https://shop.example");
    metadata = fields_metadata(&fields, "metadata");
    if (fields_finish(&fields) != OK)
        return;
    assert(money.minor >= 1 && money.minor <= MONEY_MINOR_MAX && strcmp(money.currency, currency) == 0);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        check_text(texts[i], 4096);
    pairs = arena_adopt(arena, json_loads(metadata, JSON_REJECT_DUPLICATES, NULL), release_json);
    assert(json_is_object(pairs));
}
