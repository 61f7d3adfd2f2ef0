/*
 * digest.h - SHA-256 as text.
 */
#ifndef SANDBOX_DIGEST_H
#define SANDBOX_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX_BYTES 65             /* with the NUL */

/* Lower-case hex. */
void digest_sha256_hex(const void *bytes, size_t count, char hex_out[DIGEST_HEX_BYTES]);

#endif
