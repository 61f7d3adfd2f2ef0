/*
 * digest.h - SHA-256 (FIPS 180-4). Implemented in infrastructure, where the library is.
 */
#ifndef PAYAPI_APPLICATION_AUDIT_DIGEST_H
#define PAYAPI_APPLICATION_AUDIT_DIGEST_H

#include "base/arena.h"

#define DIGEST_BYTES 32

struct digest {
    unsigned char bytes[DIGEST_BYTES];
};

/* Of the concatenated parts, with nothing between them. */
struct digest digest_of(const struct bytes *parts, int part_count);

MUST_CHECK static inline bool digest_equal(struct digest a, struct digest b)
{
    return memcmp(a.bytes, b.bytes, DIGEST_BYTES) == 0;
}

#endif
