#include "infrastructure/authorship_keys.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#include "application/audit/digest.h"
#include "infrastructure/hmac.h"

#define KEY_ID_DIGITS 8
#define CODE_BYTES    16
#define TEXT_MAX      512

struct authorship {
    int count;
    struct {
        struct bytes secret;
        char         id[KEY_ID_DIGITS + 1];
    } keys[CONFIG_LIST_MAX];
};

static void print_hex(const unsigned char *bytes, int count, char *hex_out)
{
    for (int i = 0; i < count; i++)
        snprintf(hex_out + 2 * i, 3, "%02x", bytes[i]);
}

const struct authorship *authorship_new(struct arena *arena, const struct config_list *keys)
{
    struct authorship *authorship = arena_alloc(arena, sizeof(*authorship));

    assert(keys->count > 0);
    authorship->count = keys->count;
    for (int i = 0; i < keys->count; i++) {
        struct bytes secret = bytes_of(arena_strdup(arena, keys->items[i]));
        struct digest digest = digest_of(&secret, 1);

        authorship->keys[i].secret = secret;
        print_hex(digest.bytes, KEY_ID_DIGITS / 2, authorship->keys[i].id);
    }
    return authorship;
}

static void prove_with(const struct authorship *authorship, int key, const struct payment *payment,
                       char proof_out[static AUTHORSHIP_PROOF_MAX])
{
    unsigned char mac[HMAC_BYTES_MAX];
    char text[TEXT_MAX], code[2 * CODE_BYTES + 1];

    snprintf(text, sizeof(text), "payapi-1|%s|%s|%s|%" PRId64 "|%s", payment->provider,
             payment->id.text, payment->order_id.text, payment->amount.minor,
             payment->amount.currency);
    hmac(HASH_SHA256, authorship->keys[key].secret, bytes_of(text), mac);
    print_hex(mac, CODE_BYTES, code);
    snprintf(proof_out, AUTHORSHIP_PROOF_MAX, "%s.%s", authorship->keys[key].id, code);
}

void authorship_prove(const struct authorship *authorship, const struct payment *payment,
                      char proof_out[static AUTHORSHIP_PROOF_MAX])
{
    prove_with(authorship, 0, payment, proof_out);
}

/* -1: the proof names none of our keys. */
static int key_named(const struct authorship *authorship, const char *proof)
{
    for (int i = 0; i < authorship->count; i++)
        if (strncmp(proof, authorship->keys[i].id, KEY_ID_DIGITS) == 0
            && proof[KEY_ID_DIGITS] == '.')
            return i;
    return -1;
}

bool authorship_names_our_key(const struct authorship *authorship, const char *proof)
{
    return key_named(authorship, proof) >= 0;
}

bool authorship_is_ours(const struct authorship *authorship, const struct payment *payment,
                        const char *proof)
{
    int key = key_named(authorship, proof);
    char expected[AUTHORSHIP_PROOF_MAX];

    if (key < 0)
        return false;
    prove_with(authorship, key, payment, expected);
    return strlen(proof) == strlen(expected)
           && CRYPTO_memcmp(proof, expected, strlen(expected)) == 0;
}
