/*
 * hkdf.h - derives a key from a secret: HKDF with SHA-256 and without a salt (RFC 5869).
 */
#ifndef PAYAPI_INFRASTRUCTURE_HKDF_H
#define PAYAPI_INFRASTRUCTURE_HKDF_H

#include "base/bytes.h"

#define HKDF_KEY_BYTES 32

/* Each info gives another key. Aborts without memory. */
void hkdf(struct bytes secret, const char *info, unsigned char key_out[static HKDF_KEY_BYTES]);

#endif
