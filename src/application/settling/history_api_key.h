/* history_api_key.h - writes the beginning and the end of an API key into the audit log. */
#ifndef PAYAPI_APPLICATION_SETTLING_HISTORY_API_KEY_H
#define PAYAPI_APPLICATION_SETTLING_HISTORY_API_KEY_H

#include "application/ctx.h"

/* Audit "api-key.created": what it allows. */
void history_api_key_created(struct ctx *ctx, const struct api_key *key);
/* Audit "api-key.revoked". */
void history_api_key_revoked(struct ctx *ctx, const struct api_key *key);

#endif
