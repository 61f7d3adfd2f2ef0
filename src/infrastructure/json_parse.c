#include "infrastructure/json_parse.h"

#include <string.h>

/*
 * Jansson has one allocator for the process and gives it no context: this is the arena of the parse
 * that is running.
 */
static struct arena *parsing;

static void *take(size_t size)
{
    return arena_alloc(parsing, size);
}

static void leave(void *memory)
{
    (void) memory;              /* it is freed, and wiped, with the arena */
}

/* The line of a NUL byte, or 0. Jansson takes a NUL after a number or word for its end. */
static int line_of_nul(struct bytes text)
{
    const char *nul = memchr(text.data, '\0', text.size);
    int line = 1;

    for (const char *next = text.data; nul != NULL && next < nul; next++)
        line += *next == '\n';
    return nul != NULL ? line : 0;
}

json_t *json_parse(struct arena *arena, struct bytes text, size_t flags, json_error_t *error_out)
{
    json_malloc_t usual_malloc;
    json_free_t usual_free;
    json_t *value;
    int line = line_of_nul(text);

    if (line > 0) {
        if (error_out != NULL)
            *error_out = (json_error_t) { .line = line, .text = "NUL byte" };
        return NULL;
    }
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
