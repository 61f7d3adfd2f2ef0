/*
 * authorship_keys.h - the keys of authorship.h. A proof is the first 8 hex digits of the key's
 * SHA-256, a dot, and 32 hex digits of HMAC-SHA256 (RFC 2104) over payapi-1|<provider>|<payment
 * id>|<order id>|<amount in minor units>|<currency>.
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUTHORSHIP_KEYS_H
#define PAYAPI_INFRASTRUCTURE_AUTHORSHIP_KEYS_H

#include "application/audit/authorship.h"
#include "infrastructure/config.h"

/* Copies the keys; lives as long as the arena. At least one. */
const struct authorship *authorship_new(struct arena *arena, const struct config_list *keys);

#endif
