/*
 * api_key.h - keys of back ends: their text, what they allow, and when they are refused.
 *
 * A key is "payapi_test_" or "payapi_live_", 30 random base62 characters and the CRC32 of those in
 * 6 more, so that a typo is found without asking anybody. Only its SHA-256 is stored.
 * Plain values; nothing to free. Times are Unix milliseconds.
 */
#ifndef PAYAPI_DOMAIN_API_KEY_H
#define PAYAPI_DOMAIN_API_KEY_H

#include "domain/ids.h"
#include "domain/network.h"
#include "domain/scope.h"

#define API_KEY_RANDOM       30         /* base62 digits: 178 bits */
#define API_KEY_TEXT_MAX     sizeof("payapi_test_123456789012345678901234567890123456")
#define API_KEY_SHOWN        8          /* of the random characters, in lists */
#define API_KEY_NAME_MAX     64         /* bytes */
#define API_KEY_NETWORKS_MAX 16

struct api_key_id { char text[ID_TEXT_MAX]; };

struct api_key {
    struct api_key_id id;
    bool              live;             /* it moves money; false: for providers' test modes */
    char              name[API_KEY_NAME_MAX + 1];       /* owner of orders made without ownerId */
    char              shown[API_KEY_SHOWN + 1];
    struct scopes     scopes;
    struct network    networks[API_KEY_NETWORKS_MAX];   /* of callers; none: any */
    int               network_count;
    int64_t           created_at_ms;
    int64_t           expires_at_ms;    /* 0: never */
    int64_t           revoked_at_ms;    /* 0: it is not */
    int64_t           last_used_at_ms;  /* to the minute; 0: never */
};

/* --- The text --------------------------------------------------------------------------- */

/* True when it is meant to be an API key, right or wrong. No JSON Web Token begins like one. */
MUST_CHECK bool api_key_is_meant(const char *text);
/* False: it is no key, or the CRC32 is not that of its characters. */
MUST_CHECK bool api_key_read(const char *text, bool *live_out);
/* digits: random, each 0 to 61. */
void api_key_print(bool live, const unsigned char digits[static API_KEY_RANDOM],
                   char text_out[static API_KEY_TEXT_MAX]);
/* The beginning of the random part, which lists may show. */
void api_key_show(const char *text, char shown_out[static API_KEY_SHOWN + 1]);

/* --- The rules -------------------------------------------------------------------------- */

/*
 * Why the key is refused, for our log; NULL: it is good. live: the mode of our keys at the
 * providers; address: of the caller.
 */
const char *api_key_fault(const struct api_key *key, bool live, const char *address,
                          int64_t now_ms);
/* True when now is in a later minute than the last use. */
MUST_CHECK bool api_key_use_is_news(const struct api_key *key, int64_t now_ms);

MUST_CHECK bool api_key_id_parse(const char *text, struct api_key_id *id_out);

#endif
