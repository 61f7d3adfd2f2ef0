/* Finds where a UTF-8 character ends. */
#include "base/character.h"

size_t character_size(const char *text)
{
    const unsigned char *c = (const unsigned char *) text;
    static const struct { unsigned char first, last, second_min, second_max; size_t length; }
    forms[] = {
        { 0xc2, 0xdf, 0x80, 0xbf, 2 },
        { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 },
        { 0xed, 0xed, 0x80, 0x9f, 3 },          /* no surrogates */
        { 0xee, 0xef, 0x80, 0xbf, 3 },
        { 0xf0, 0xf0, 0x90, 0xbf, 4 },
        { 0xf1, 0xf3, 0x80, 0xbf, 4 },
        { 0xf4, 0xf4, 0x80, 0x8f, 4 },
    };

    if (c[0] < 0x80)
        return 1;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (c[0] < forms[i].first || c[0] > forms[i].last)
            continue;
        if (c[1] < forms[i].second_min || c[1] > forms[i].second_max)
            return 0;
        for (size_t at = 2; at < forms[i].length; at++)
            if ((c[at] & 0xc0) != 0x80)
                return 0;                       /* the NUL too, so we never read beyond it */
        return forms[i].length;
    }
    return 0;
}
