/* Encodes base64url, and decodes it strictly. */
#include "infrastructure/auth/base64url.h"

#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

char *base64url_encode(struct arena *arena, struct bytes bytes)
{
    char *text = arena_alloc(arena, (bytes.size + 2) / 3 * 4 + 1), *next = text;
    uint32_t bits = 0;
    int count = 0;

    for (size_t i = 0; i < bytes.size; i++) {
        bits = bits << 8 | (unsigned char) bytes.data[i];
        for (count += 8; count >= 6; count -= 6)
            *next++ = alphabet[bits >> (count - 6) & 63];
    }
    if (count > 0)
        *next++ = alphabet[bits << (6 - count) & 63];
    *next = '\0';
    return text;
}

/* -1: not in the alphabet. */
static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

bool base64url_decode(struct arena *arena, struct bytes text, struct bytes *bytes_out)
{
    char *data = arena_alloc(arena, text.size / 4 * 3 + 4);
    uint32_t bits = 0;
    size_t size = 0;
    int count = 0;

    for (size_t i = 0; i < text.size; i++) {
        int digit = digit_of(text.data[i]);

        if (digit < 0)
            return false;
        bits = bits << 6 | (uint32_t) digit;
        count += 6;
        if (count >= 8) {
            count -= 8;
            data[size++] = (char) (bits >> count & 255);
        }
    }
    if (count == 6 || (bits & ((1U << count) - 1)) != 0)
        return false;
    *bytes_out = (struct bytes) { data, size };
    return true;
}
