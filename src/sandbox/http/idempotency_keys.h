/*
 * idempotency_keys.h - one execution per idempotency key.
 *
 * A key is bound to the fingerprint of its first request; the answer is stored once the
 * execution has ended and replayed for 24 h. Source: Stripe, idempotent requests
 * (docs/facts.md, 1). Thread-safe.
 */
#ifndef PAYAPI_SANDBOX_HTTP_IDEMPOTENCY_KEYS_H
#define PAYAPI_SANDBOX_HTTP_IDEMPOTENCY_KEYS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/kit/state.h"

#define IDEMPOTENCY_KEY_BYTES_MAX     255
#define IDEMPOTENCY_TTL_S             (24 * 3600)
#define IDEMPOTENCY_FINGERPRINT_BYTES 32

enum idempotency_verdict {
    IDEMPOTENCY_EXECUTE,        /* the key is now ours: end with _store or _forget */
    IDEMPOTENCY_REPLAY,         /* the stored answer was copied out */
    IDEMPOTENCY_MISMATCH,       /* the key belongs to another request */
    IDEMPOTENCY_IN_USE,         /* its first request is still running */
};

struct idempotency_answer {
    int   status;
    char *body;                 /* the caller's to free() */
    char  request_id[32];       /* of the first execution */
};

struct idempotency_keys;

struct idempotency_keys *idempotency_keys_new(void);
void idempotency_keys_free(struct idempotency_keys *store);

enum idempotency_verdict
idempotency_keys_begin(struct idempotency_keys *store, const char *key,
                       const unsigned char fingerprint[IDEMPOTENCY_FINGERPRINT_BYTES],
                       int64_t now_s, struct idempotency_answer *answer_out);

/* Keeps a copy of the answer for later requests with this key. */
void idempotency_keys_store(struct idempotency_keys *store, const char *key, int status,
                            const char *body, const char *request_id);

/* The execution never began: the key may be used again for anything. */
void idempotency_keys_forget(struct idempotency_keys *store, const char *key);

void idempotency_keys_clear(struct idempotency_keys *store);

/* The stored answers. New. */
json_t *idempotency_keys_write(struct idempotency_keys *store);

/* Reads them into an empty store. */
bool idempotency_keys_read(struct idempotency_keys *store, const json_t *entries,
                           struct state_reader *reader);

#endif
