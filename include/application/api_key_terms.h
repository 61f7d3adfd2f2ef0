/* api_key_terms.h - what an API key allows, as members of a JSON object. */
#ifndef PAYAPI_APPLICATION_API_KEY_TERMS_H
#define PAYAPI_APPLICATION_API_KEY_TERMS_H

#include "base/json_out.h"
#include "domain/api_key.h"

/* Its scopes, networks and expiry. */
void json_out_api_key_terms(struct text *text, const struct api_key *key);

#endif
