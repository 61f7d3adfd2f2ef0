/* RFC 3339 times: none is outside the years that we know, and "Z" changes nothing about "+00:00". */
#include "fuzz.h"

#include "domain/moment.h"

void fuzz_one(struct arena *arena, struct bytes input)
{
    const char *text = fuzz_line(arena, &input);
    size_t size = strlen(text);
    int64_t at_ms = -1, again_ms;

    if (!moment_parse(text, &at_ms)) {
        assert(at_ms == -1);
        return;
    }
    assert(at_ms >= 0 && at_ms <= MOMENT_MS_MAX);
    if (text[size - 1] == 'Z')
        assert(moment_parse(arena_printf(arena, "%.*s+00:00", (int) size - 1, text), &again_ms) &&
               again_ms == at_ms);
}
