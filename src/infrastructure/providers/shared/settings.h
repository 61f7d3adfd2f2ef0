/*
 * settings.h - what the settings of every provider have in common: keys, secrets, header values.
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_SHARED_SETTINGS_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_SHARED_SETTINGS_H

#include "base/bytes.h"

/* A kind of secret key: its prefix shows the mode. prefix NULL ends a table. */
struct key_kind {
    const char *prefix;
    bool        livemode;
};

/* False, leaving *livemode_out alone, when no kind matches the key. */
bool key_mode(const char *key, const struct key_kind *kinds, bool *livemode_out);
/* Visible ASCII and not empty: nothing that could end a header line. */
bool setting_is_header_text(const char *text);

/* A copy on the heap; free it with setting_wipe. */
char *setting_copy(const char *text);
/* Overwrites the text before it is freed. NULL is fine. */
void  setting_wipe(char *secret);

#endif
