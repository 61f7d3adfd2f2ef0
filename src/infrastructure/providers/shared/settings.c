/* What the settings of every provider have in common: keys, secrets, header values. */
#include "infrastructure/providers/shared/settings.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <stdlib.h>

bool key_mode(const char *key, const struct key_kind *kinds, bool *livemode_out)
{
    for (; kinds->prefix != NULL; kinds++) {
        if (strncmp(key, kinds->prefix, strlen(kinds->prefix)) == 0) {
            *livemode_out = kinds->livemode;
            return true;
        }
    }
    return false;
}

bool setting_is_header_text(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (*c <= ' ' || *c > '~')
            return false;
    return text[0] != '\0';
}

char *setting_copy(const char *text)
{
    char *copy = strdup(text);

    assert(copy != NULL);
    return copy;
}

void setting_wipe(char *secret)
{
    if (secret != NULL)
        OPENSSL_cleanse(secret, strlen(secret));
    free(secret);
}
