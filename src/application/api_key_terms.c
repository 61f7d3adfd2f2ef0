/* The terms of an API key, alike in answers and in the audit. */
#include "application/api_key_terms.h"

static void put_scopes(struct text *text, struct scopes scopes)
{
    json_out_array(text, "scopes");
    for (enum scope scope = SCOPE_NONE + 1; scope < SCOPE_COUNT; scope++)
        if (scopes_hold(scopes, scope))
            json_out_text(text, NULL, scope_name(scope));
    json_out_array_end(text);
}

static void put_networks(struct text *text, const struct api_key *key)
{
    char printed[NETWORK_TEXT_MAX];

    json_out_array(text, "networks");
    for (int i = 0; i < key->network_count; i++) {
        network_print(&key->networks[i], printed);
        json_out_text(text, NULL, printed);
    }
    json_out_array_end(text);
}

void json_out_api_key_terms(struct text *text, const struct api_key *key)
{
    put_scopes(text, key->scopes);
    put_networks(text, key);
    json_out_time(text, "expiresAt", key->expires_at_ms);
}
