/* Digests that differ where the texts differ, without OpenSSL. */
#include "application/audit/digest.h"

#include <stdint.h>

/*
 * FNV-1a (Fowler, Noll, Vo) with another start for each byte and a last turn: another text,
 * another digest.
 */
struct digest digest_of(const struct bytes *parts, int part_count)
{
    struct digest digest;

    for (unsigned int at = 0; at < DIGEST_BYTES; at++) {
        uint64_t hash = UINT64_C(14695981039346656037) + at;

        for (int part = 0; part < part_count; part++)
            for (size_t i = 0; i < parts[part].size; i++)
                hash = (hash ^ (unsigned char) parts[part].data[i]) * UINT64_C(1099511628211);
        hash = (hash ^ hash >> 29) * UINT64_C(1099511628211);
        digest.bytes[at] = (unsigned char) (hash >> 48);
    }
    return digest;
}
