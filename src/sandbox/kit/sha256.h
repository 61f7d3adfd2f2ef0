/*
 * sha256.h - SHA-256 as text.
 */
#ifndef PAYAPI_SANDBOX_KIT_SHA256_H
#define PAYAPI_SANDBOX_KIT_SHA256_H

#include <stddef.h>

#define SHA256_HEX_BYTES 65             /* with the NUL */

/* Lower-case hex. */
void sha256_hex(const void *bytes, size_t count, char hex_out[SHA256_HEX_BYTES]);

#endif
