/*
 * api_key_memory.h - remembers API keys for API_KEY_MEMORY_MS, so that a busy one needs no query
 * for each request. A revocation takes effect everywhere when that time is over.
 *
 * A key is known by its SHA-256; its text is not kept. Revoked and expired keys are remembered too:
 * the caller judges each time. For one thread.
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUTH_API_KEY_MEMORY_H
#define PAYAPI_INFRASTRUCTURE_AUTH_API_KEY_MEMORY_H

#include "application/audit/digest.h"
#include "domain/api_key.h"

#define API_KEY_MEMORY_SLOTS 64         /* 40 KiB, when all are in use */

struct api_key_memory;

struct api_key_memory *api_key_memory_new(struct arena *arena);
/* NULL: it is not known, or no longer. The key stays where it is until the next request. */
struct api_key *api_key_memory_find(struct api_key_memory *memory, struct digest digest,
                                    int64_t now_ms);
/* Returns the remembered key. May evict another one. now_ms: when it was asked for. */
struct api_key *api_key_memory_keep(struct api_key_memory *memory, struct digest digest,
                                    const struct api_key *key, int64_t now_ms);

#endif
