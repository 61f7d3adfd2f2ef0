#include "infrastructure/json_numbers.h"

struct scan {
    struct arena        *arena;
    const char          *next;
    const char          *end;
    int                  depth;
    struct text         *without;
    struct json_numbers *numbers;
};

/* --- One number ---------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_number_byte(char c)
{
    return is_digit(c) || (c != '\0' && strchr("+-.eE", c) != NULL);
}

static const char *skip_digits(const char *next, const char *end)
{
    while (next < end && is_digit(*next))
        next++;
    return next;
}

/* Moves past one or more digits. NULL when there is none, or when next is NULL. */
static const char *need_digits(const char *next, const char *end)
{
    const char *behind = next != NULL ? skip_digits(next, end) : NULL;

    return behind != next ? behind : NULL;
}

/* RFC 8259 section 6: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static bool is_number(struct bytes raw)
{
    const char *next = raw.data, *end = raw.data + raw.size;

    if (next < end && *next == '-')
        next++;
    next = next < end && *next == '0' ? next + 1 : need_digits(next, end);
    if (next != NULL && next < end && *next == '.')
        next = need_digits(next + 1, end);
    if (next != NULL && next < end && (*next == 'e' || *next == 'E')) {
        next++;
        if (next < end && (*next == '+' || *next == '-'))
            next++;
        next = need_digits(next, end);
    }
    return next == end;
}

static void remember(struct scan *scan, struct bytes raw)
{
    struct json_numbers *numbers = scan->numbers;

    if (numbers->count == numbers->capacity) {
        size_t old_size = numbers->capacity * sizeof(*numbers->raw);

        numbers->capacity = numbers->capacity == 0 ? 16 : numbers->capacity * 2;
        numbers->raw = old_size == 0
            ? arena_alloc(scan->arena, numbers->capacity * sizeof(*numbers->raw))
            : arena_grow(scan->arena, numbers->raw, old_size, 2 * old_size);
    }
    numbers->raw[numbers->count++] = raw;
}

static enum json_scan take_number(struct scan *scan)
{
    struct bytes raw = { scan->next, 0 };

    while (scan->next < scan->end && is_number_byte(*scan->next))
        scan->next++;
    raw.size = (size_t) (scan->next - raw.data);
    if (!is_number(raw))
        return JSON_SCAN_BAD_NUMBER;
    text_append_i64(scan->without, (int64_t) scan->numbers->count);
    remember(scan, raw);
    return JSON_SCAN_OK;
}

/* --- Everything else ----------------------------------------------------------------------- */

static void pass(struct scan *scan, size_t size)
{
    text_append_bytes(scan->without, (struct bytes) { scan->next, size });
    scan->next += size;
}

static void take_string(struct scan *scan)
{
    const char *next = scan->next + 1;

    while (next < scan->end && *next != '"')
        next += *next == '\\' && next + 1 < scan->end ? 2 : 1;
    pass(scan, (size_t) (next - scan->next) + (next < scan->end));
}

/* true, false, null. Jansson rejects misspelt words; an 'e' in one does not start an exponent. */
static void take_word(struct scan *scan)
{
    const char *next = scan->next;

    while (next < scan->end && *next >= 'a' && *next <= 'z')
        next++;
    pass(scan, (size_t) (next - scan->next));
}

static enum json_scan take_other(struct scan *scan)
{
    const char c = *scan->next;

    if ((c == '{' || c == '[') && ++scan->depth > JSON_DEPTH_MAX)
        return JSON_SCAN_TOO_DEEP;
    if (c == '}' || c == ']')
        scan->depth--;
    pass(scan, 1);
    return JSON_SCAN_OK;
}

static enum json_scan take_token(struct scan *scan)
{
    if (*scan->next == '"') {
        take_string(scan);
        return JSON_SCAN_OK;
    }
    if (*scan->next >= 'a' && *scan->next <= 'z') {
        take_word(scan);
        return JSON_SCAN_OK;
    }
    return is_number_byte(*scan->next) ? take_number(scan) : take_other(scan);
}

enum json_scan json_numbers_extract(struct arena *arena, struct bytes json,
                                    struct text *without_out, struct json_numbers *numbers_out)
{
    struct scan scan = { .arena = arena, .next = json.data, .end = json.data + json.size,
                         .without = without_out, .numbers = numbers_out };

    *without_out = text_new(arena);
    *numbers_out = (struct json_numbers) { 0 };
    while (scan.next < scan.end) {
        enum json_scan result = take_token(&scan);

        if (result != JSON_SCAN_OK)
            return result;
    }
    return JSON_SCAN_OK;
}
