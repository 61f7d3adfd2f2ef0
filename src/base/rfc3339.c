/* Prints a moment without printf. */
#include "base/rfc3339.h"

#include <time.h>

#include "base/digits.h"

/* Writes the number with that many digits, and the mark after it. */
static char *put(char *next, int number, int count, char mark)
{
    next = digits_put(next, (uint64_t) number, count);
    *next = mark;
    return next + 1;
}

void rfc3339_print(int64_t at_ms, char text_out[static RFC3339_TEXT_MAX])
{
    time_t at_s = at_ms / 1000;
    char *next = text_out;
    struct tm utc;

    (void) gmtime_r(&at_s, &utc);
    next = put(next, utc.tm_year + 1900, 4, '-');
    next = put(next, utc.tm_mon + 1, 2, '-');
    next = put(next, utc.tm_mday, 2, 'T');
    next = put(next, utc.tm_hour, 2, ':');
    next = put(next, utc.tm_min, 2, ':');
    next = put(next, utc.tm_sec, 2, '.');
    next = put(next, (int) (at_ms % 1000), 3, 'Z');
    *next = '\0';
}

char *rfc3339_text(struct arena *arena, int64_t at_ms)
{
    char *text = arena_alloc(arena, RFC3339_TEXT_MAX);

    rfc3339_print(at_ms, text);
    return text;
}
