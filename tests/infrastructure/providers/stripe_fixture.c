#include "infrastructure/providers/stripe_fixture.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct arena *arena;
static struct ctx the_ctx;

static void release_json(void *json)
{
    json_decref(json);
}

static void release_stripe(void *provider)
{
    stripe_free(provider);
}

int fixture_set_up(void **state)
{
    (void) state;
    arena = arena_new();
    return 0;
}

int fixture_tear_down(void **state)
{
    (void) state;
    arena_free(arena);
    return 0;
}

int fixture_reset(void **state)
{
    (void) state;
    arena_reset(arena);
    return 0;
}

struct ctx *given_a_ctx(void)
{
    the_ctx = (struct ctx) { .arena = arena, .now_ms = FIXTURE_NOW_S * 1000 };
    return &the_ctx;
}

struct payment given_a_payment(void)
{
    return (struct payment) {
        .id = { FIXTURE_PAYMENT_ID },
        .order_id = { "abc-123" },
        .amount = { 9999, "USD" },
        .provider = "stripe",
        .expires_at_ms = (FIXTURE_NOW_S + 3600) * 1000 + 999,
    };
}

struct order given_an_order(void)
{
    return (struct order) { .id = { "abc-123" }, .amount = { 9999, "USD" } };
}

const struct provider *given_stripe_with(struct provider_config settings)
{
    const char *complaint = "";
    struct provider *provider;

    if (settings.base_url == NULL)
        settings.base_url = "https://api.stripe.com";
    settings.api_version = "2026-10-28.endive";
    provider = stripe_new(&settings, &complaint);
    assert(provider != NULL);
    return arena_adopt(arena, provider, release_stripe);
}

const struct provider *given_stripe(void)
{
    const struct provider_config settings = { .secret_keys = { { FIXTURE_SECRET_KEY }, 1 },
                                              .webhook_secrets = { { "whsec_test_secret" }, 1 } };

    return given_stripe_with(settings);
}

struct bytes given_file(const char *name)
{
    FILE *file = fopen(arena_printf(arena, "%s/%s", TEST_DATA_DIR, name), "re");
    struct bytes bytes;
    char *data;
    long size;

    assert(file != NULL && fseek(file, 0, SEEK_END) == 0);
    size = ftell(file);
    assert(size >= 0 && fseek(file, 0, SEEK_SET) == 0);
    data = arena_alloc(arena, (size_t) size + 1);
    bytes = (struct bytes) { data, fread(data, 1, (size_t) size, file) };
    assert(bytes.size == (size_t) size && fclose(file) == 0);
    return bytes;
}

json_t *given_json(const char *name)
{
    struct bytes bytes = given_file(name);
    json_t *json = json_loadb(bytes.data, bytes.size, JSON_REJECT_DUPLICATES, NULL);

    assert(json != NULL);
    return arena_adopt(arena, json, release_json);
}

struct bytes given_document(const char *name)
{
    return given_file(arena_printf(arena, "documents/%s.json", name));
}

struct bytes given_document_with(const char *name, const char *const *path, const char *value)
{
    json_t *document = given_json(arena_printf(arena, "documents/%s.json", name));
    json_t *parent = document;
    char *text;

    for (; path[1] != NULL; path++)
        parent = json_object_get(parent, path[0]);
    if (value == NULL)
        (void) json_object_del(parent, path[0]);
    else
        (void) json_object_set_new(parent, path[0], json_loads(value, JSON_DECODE_ANY, NULL));
    text = arena_adopt(arena, json_dumps(document, JSON_COMPACT), free);
    return bytes_of(text);
}

struct bytes given_text(const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = arena_vprintf(arena, format, args);
    va_end(args);
    return bytes_of(text);
}
