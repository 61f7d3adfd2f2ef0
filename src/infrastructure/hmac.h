/*
 * hmac.h - HMAC with SHA-256 or SHA-512. OpenSSL's objects are made once per process, and a key
 * that is used again is not set up again: both take longer than the HMAC of a short text. The last
 * key stays in memory. For one thread. Source: RFC 2104.
 */
#ifndef PAYAPI_INFRASTRUCTURE_HMAC_H
#define PAYAPI_INFRASTRUCTURE_HMAC_H

#include "base/bytes.h"

enum hmac_hash { HASH_SHA256, HASH_SHA512 };

#define HMAC_BYTES_MAX 64

/* Returns the number of bytes: 32 or 64. Secret until it has been compared: wipe it then. */
size_t hmac(enum hmac_hash hash, struct bytes key, struct bytes text,
            unsigned char mac_out[static HMAC_BYTES_MAX]);
/* The same as 64 or 128 lower-case hex digits and a NUL. */
void hmac_print(enum hmac_hash hash, struct bytes key, struct bytes text, char *hex_out);

#endif
