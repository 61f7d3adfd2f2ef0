/*
 * audit_key.h - the key pair that seals checkpoints: Ed25519 (RFC 8032). The database never sees
 * it.
 *
 * A host that only verifies has just the public half. A retired key still proves the checkpoints of
 * its time, and no others.
 */
#ifndef PAYAPI_APPLICATION_AUDIT_AUDIT_KEY_H
#define PAYAPI_APPLICATION_AUDIT_AUDIT_KEY_H

#include <stdint.h>

#include "digest.h"

#define SIGNATURE_BYTES 64

struct audit_key;

struct signature {
    unsigned char bytes[SIGNATURE_BYTES];
};

MUST_CHECK bool audit_key_can_sign(const struct audit_key *key);
struct signature audit_key_sign(const struct audit_key *key, struct digest digest);
/* Uses the key that was in use for the checkpoint of that number. */
MUST_CHECK bool audit_key_verifies(const struct audit_key *key, int64_t number,
                                   struct digest digest, const struct signature *signature);

#endif
