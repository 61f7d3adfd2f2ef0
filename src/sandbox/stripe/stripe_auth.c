/* Checks the secret key and the Stripe-Version header. */
#include "stripe_auth.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <string.h>

#define KEY_BYTES_MAX 300

/* Decodes the key from base64 of "key:"; false when it is malformed. */
static bool read_basic(const char *base64, char key_out[KEY_BYTES_MAX])
{
    size_t length = strlen(base64);
    int    decoded;

    if (length == 0 || length / 4 * 3 >= KEY_BYTES_MAX)
        return false;
    decoded = EVP_DecodeBlock((unsigned char *) key_out, (const unsigned char *) base64,
                              (int) length);
    if (decoded < 0)
        return false;
    key_out[decoded] = '\0';
    key_out[strcspn(key_out, ":")] = '\0';
    return true;
}

static bool read_key(const char *authorization, char key_out[KEY_BYTES_MAX])
{
    const char *basic = http_credentials(authorization, "Basic");
    const char *bearer = http_credentials(authorization, "Bearer");

    if (basic != NULL)
        return read_basic(basic, key_out);
    if (bearer == NULL || strlen(bearer) >= KEY_BYTES_MAX)
        return false;
    copy_bounded(key_out, KEY_BYTES_MAX, bearer);
    return key_out[0] != '\0';
}

static bool check_key(struct stripe_call *call)
{
    struct http_response *response = &call->exchange->response;
    char                  key[KEY_BYTES_MAX];

    if (!read_key(call->exchange->request.authorization, key))
        stripe_error_answer(response, 401, "invalid_request_error", NULL, NULL,
            "You did not provide an API key. You need to provide your API key in the "
            "Authorization header, using Bearer auth.");
    else if (strcmp(key, call->stripe->secret_key) != 0)
        stripe_error_answer(response, 401, "invalid_request_error", NULL, NULL,
                            "Invalid API Key provided: %.8s***", key);
    else
        return true;
    http_add_header(response, "WWW-Authenticate", "Bearer realm=\"Stripe\"");
    return false;
}

/* 2022-11-15 or 2026-10-28.endive */
static bool is_version(const char *text)
{
    for (const char *form = "dddd-dd-dd"; *form != '\0'; form++, text++)
        if (*form == 'd' ? !isdigit((unsigned char) *text) : *text != *form)
            return false;
    if (*text == '\0')
        return true;
    return *text++ == '.' && *text != '\0' &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyz")] == '\0';
}

bool stripe_auth_check(struct stripe_call *call)
{
    const char *version = call->exchange->request.api_version;

    if (!check_key(call))
        return false;
    if (version != NULL && !is_version(version)) {
        stripe_reject(call, NULL, NULL, "Invalid Stripe API version: %.50s", version);
        return false;
    }
    if (version != NULL)
        call->version = version;
    return true;
}
