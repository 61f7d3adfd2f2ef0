/* Checks UTF-8 against the table of RFC 3629. */
#include "utf8.h"

#include <stdint.h>

/* The lead bytes, how many bytes follow, and the range of the first of them (RFC 3629, 4). */
static const struct { uint8_t lead_min, lead_max, following, next_min, next_max; } forms[] = {
    { 0x00, 0x7f, 0, 0x00, 0x00 },
    { 0xc2, 0xdf, 1, 0x80, 0xbf },
    { 0xe0, 0xe0, 2, 0xa0, 0xbf },
    { 0xe1, 0xec, 2, 0x80, 0xbf },
    { 0xed, 0xed, 2, 0x80, 0x9f },
    { 0xee, 0xef, 2, 0x80, 0xbf },
    { 0xf0, 0xf0, 3, 0x90, 0xbf },
    { 0xf1, 0xf3, 3, 0x80, 0xbf },
    { 0xf4, 0xf4, 3, 0x80, 0x8f },
};

/* Bytes of the code point that starts here; 0 when it is malformed. */
static size_t code_point_bytes(const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (bytes[0] < forms[i].lead_min || bytes[0] > forms[i].lead_max)
            continue;
        if (forms[i].following >= count)
            return 0;
        if (forms[i].following > 0 &&
            (bytes[1] < forms[i].next_min || bytes[1] > forms[i].next_max))
            return 0;
        for (size_t k = 2; k <= forms[i].following; k++)
            if ((bytes[k] & 0xc0) != 0x80)
                return 0;
        return forms[i].following + 1u;
    }
    return 0;
}

bool utf8_is_valid(const char *bytes, size_t count)
{
    size_t at = 0, step;

    while (at < count) {
        step = code_point_bytes((const uint8_t *) bytes + at, count - at);
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

size_t utf8_length(const char *text)
{
    size_t length = 0;

    for (; *text != '\0'; text++)
        length += ((unsigned char) *text & 0xc0) != 0x80;
    return length;
}
