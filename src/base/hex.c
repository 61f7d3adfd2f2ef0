/* Prints and reads bytes in hex. */
#include "base/hex.h"

static const char digits[] = "0123456789abcdef";

const char *hex_text(struct arena *arena, const unsigned char *bytes, size_t size)
{
    char *text = arena_alloc(arena, 2 * size + 1);

    for (size_t i = 0; i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return text;
}

static bool digit_value(char c, unsigned char *value_out)
{
    const char *digit = c != '\0' ? strchr(digits, c) : NULL;

    if (digit != NULL)
        *value_out = (unsigned char) (digit - digits);
    return digit != NULL;
}

bool hex_parse(const char *text, unsigned char *bytes_out, size_t size)
{
    unsigned char high, low;

    if (strlen(text) != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (!digit_value(text[2 * i], &high) || !digit_value(text[2 * i + 1], &low))
            return false;
        bytes_out[i] = (unsigned char) (high << 4 | low);
    }
    return true;
}
