/* Card numbers: whatever stands before one, it is found; what has too few digits has none. */
#include "fuzz.h"

#include "infrastructure/api/input/card_number.h"

void fuzz_one(struct arena *arena, struct bytes input)
{
    const char *text = arena_bytes_dup(arena, input);

    (void) card_number_is_in(text);
    assert(card_number_is_in(arena_printf(arena, "%sx4242 4242 4242 4242", text)));
    assert(!card_number_is_in(arena_printf(arena, "%.3s", text)));
}
