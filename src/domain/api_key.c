/* Reads, prints and judges API keys. */
#include "domain/api_key.h"

#include <stdio.h>

#define PREFIX_SIZE (sizeof("payapi_test_") - 1)
#define CHECK_SIZE  6
#define MINUTE_MS   60000

_Static_assert(API_KEY_TEXT_MAX == PREFIX_SIZE + API_KEY_RANDOM + CHECK_SIZE + 1,
               "a key's characters");

static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char *const prefixes[] = { [false] = "payapi_test_", [true] = "payapi_live_" };

/* --- The text --------------------------------------------------------------------------- */

/* CRC-32/ISO-HDLC, as in zip, PNG and Ethernet: polynomial 0x04c11db7, reflected. */
static uint32_t crc32_of(const char *text, size_t size)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < size; i++) {
        crc ^= (unsigned char) text[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (UINT32_C(0xedb88320) & -(crc & 1));
    }
    return ~crc;
}

/* Most significant digit first; no NUL. */
static void put_check(const char *random, char out[static CHECK_SIZE])
{
    uint32_t crc = crc32_of(random, API_KEY_RANDOM);

    for (int i = CHECK_SIZE - 1; i >= 0; i--) {
        out[i] = base62[crc % 62];
        crc /= 62;
    }
}

bool api_key_is_meant(const char *text)
{
    return strncmp(text, "payapi_", sizeof("payapi_") - 1) == 0;
}

static bool has_prefix(const char *text, bool live)
{
    return strncmp(text, prefixes[live], PREFIX_SIZE) == 0;
}

bool api_key_read(const char *text, bool *live_out)
{
    const char *random = text + PREFIX_SIZE;
    char check[CHECK_SIZE];

    if ((!has_prefix(text, false) && !has_prefix(text, true))
        || strspn(random, base62) != API_KEY_RANDOM + CHECK_SIZE
        || random[API_KEY_RANDOM + CHECK_SIZE] != '\0')
        return false;
    put_check(random, check);
    if (memcmp(random + API_KEY_RANDOM, check, CHECK_SIZE) != 0)
        return false;
    *live_out = has_prefix(text, true);
    return true;
}

void api_key_print(bool live, const unsigned char digits[static API_KEY_RANDOM],
                   char text_out[static API_KEY_TEXT_MAX])
{
    char *random = text_out + PREFIX_SIZE;

    memcpy(text_out, prefixes[live], PREFIX_SIZE);
    for (int i = 0; i < API_KEY_RANDOM; i++)
        random[i] = base62[digits[i] % 62];
    put_check(random, random + API_KEY_RANDOM);
    random[API_KEY_RANDOM + CHECK_SIZE] = '\0';
}

void api_key_show(const char *text, char shown_out[static API_KEY_SHOWN + 1])
{
    memcpy(shown_out, text + PREFIX_SIZE, API_KEY_SHOWN);
    shown_out[API_KEY_SHOWN] = '\0';
}

/* --- The rules -------------------------------------------------------------------------- */

static bool may_come_from(const struct api_key *key, const char *address)
{
    for (int i = 0; i < key->network_count; i++)
        if (network_holds(&key->networks[i], address))
            return true;
    return key->network_count == 0;
}

const char *api_key_fault(const struct api_key *key, bool live, const char *address,
                          int64_t now_ms)
{
    if (key->revoked_at_ms != 0)
        return "it is revoked";
    if (key->expires_at_ms != 0 && key->expires_at_ms <= now_ms)
        return "it has expired";
    if (key->live != live)
        return "it is for the other mode";
    if (!may_come_from(key, address))
        return "the caller's address is in none of its networks";
    return NULL;
}

bool api_key_use_is_news(const struct api_key *key, int64_t now_ms)
{
    return now_ms / MINUTE_MS > key->last_used_at_ms / MINUTE_MS;
}

bool api_key_id_parse(const char *text, struct api_key_id *id_out)
{
    if (!id_is_valid("key", text))
        return false;
    snprintf(id_out->text, sizeof(id_out->text), "%s", text);
    return true;
}
