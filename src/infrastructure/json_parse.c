#include "infrastructure/json_parse.h"

/* Jansson's allocator is one for the process and gets no context: this is whose parse is running. */
static struct arena *parsing;

static void *take(size_t size)
{
    return arena_alloc(parsing, size);
}

static void leave(void *memory)
{
    (void) memory;              /* it goes with the arena, wiped */
}

json_t *json_parse(struct arena *arena, struct bytes text, size_t flags, json_error_t *error_out)
{
    json_malloc_t usual_malloc;
    json_free_t usual_free;
    json_t *value;

    json_get_alloc_funcs(&usual_malloc, &usual_free);
    parsing = arena;
    json_set_alloc_funcs(take, leave);
    value = json_loadb(text.data, text.size, flags | JSON_REJECT_DUPLICATES, error_out);
    json_set_alloc_funcs(usual_malloc, usual_free);
    return value;
}

json_t *json_parse_object(struct arena *arena, struct bytes text)
{
    json_t *value = json_parse(arena, text, 0, NULL);

    return json_is_object(value) ? value : NULL;
}
