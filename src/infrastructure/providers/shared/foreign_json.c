/*
 * Turns the contents of foreign JSON strings into text, and splits lists without reading the items.
 */
#include "infrastructure/providers/shared/foreign_json.h"

#include <stdlib.h>

#include "base/character.h"
#include "base/text.h"

/* --- Strings that are text ----------------------------------------------------------------- */

#define ESCAPE_SIZE 6           /* \uXXXX */

/* The UTF-16 unit that a \uXXXX names. False: there is no \uXXXX at this place. */
static bool read_escape(const char *at, const char *end, long *unit_out)
{
    char digits[5] = "";
    char *stop;

    if (end - at < ESCAPE_SIZE || at[0] != '\\' || at[1] != 'u')
        return false;
    memcpy(digits, at + 2, 4);
    if (strspn(digits, "0123456789abcdefABCDEF") != 4)
        return false;
    *unit_out = strtol(digits, &stop, 16);
    return true;
}

static bool is_pair(long unit, const char *at, const char *end)
{
    long low;

    return unit >= 0xd800 && unit <= 0xdbff && read_escape(at, end, &low) && low >= 0xdc00 &&
           low <= 0xdfff;
}

static char *put(char *to, const char *from, size_t size)
{
    memcpy(to, from, size);
    return to + size;
}

/* At a backslash. Writes the escape, or as many bytes in its place; returns their number. */
static size_t tidy_escape(const char *at, const char *end, char *to)
{
    long unit;
    size_t size;

    if (!read_escape(at, end, &unit))
        size = end - at < 2 ? 1 : 2;
    else
        size = is_pair(unit, at + ESCAPE_SIZE, end) ? 2 * ESCAPE_SIZE : ESCAPE_SIZE;
    put(to, at, size);
    if (size == ESCAPE_SIZE && (unit == 0 || (unit >= 0xd800 && unit <= 0xdfff)))
        put(to, "\\ufffd", ESCAPE_SIZE);
    return size;
}

/* Inside a string, not at a backslash. The text ends with a NUL, so no character overruns it. */
static size_t tidy_character(const char *at, char *to)
{
    size_t size = character_size(at);

    if ((unsigned char) *at < ' ')
        *to = ' ';
    else if (size == 0)
        *to = '?';
    else
        put(to, at, size);
    return size == 0 ? 1 : size;
}

struct bytes foreign_json_tidy(struct arena *arena, struct bytes text)
{
    const char *at = arena_bytes_dup(arena, text), *end = at + text.size;
    char *tidied = arena_alloc(arena, text.size + 1), *to = tidied;
    bool in_string = false;

    while (at < end) {
        size_t size = 1;

        if (in_string && *at == '\\')
            size = tidy_escape(at, end, to);
        else if (in_string && *at != '"')
            size = tidy_character(at, to);
        else
            *to = *at;
        in_string ^= *at == '"';
        at += size;
        to += size;
    }
    *to = '\0';
    return (struct bytes) { tidied, text.size };
}

json_t *foreign_json_object(struct arena *arena, struct bytes text)
{
    return json_parse_object(arena, foreign_json_tidy(arena, text));
}

/* --- Lists --------------------------------------------------------------------------------- */

/* The position after the string that begins at at; the end of the text if it is not closed. */
static size_t skip_string(struct bytes text, size_t at)
{
    for (at++; at < text.size && text.data[at] != '"'; at++)
        at += text.data[at] == '\\';
    return at < text.size ? at + 1 : text.size;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t skip_blanks(struct bytes text, size_t at)
{
    while (at < text.size && is_blank(text.data[at]))
        at++;
    return at;
}

static bool has(struct bytes text, size_t at, char c)
{
    return at < text.size && text.data[at] == c;
}

/* The position of the list named by the string from at to end; 0: it does not name this list. */
static size_t list_named(struct bytes text, size_t at, size_t end, const char *member)
{
    const struct bytes name = { text.data + at + 1, end - at - 2 };
    size_t colon = skip_blanks(text, end), list;

    if (end - at < 2 || !bytes_equal(name, bytes_of(member)) || !has(text, colon, ':'))
        return 0;
    list = skip_blanks(text, colon + 1);
    return has(text, list, '[') ? list : 0;
}

static int depth_change(char c)
{
    return c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
}

/* The position of the '[' of that member in the outermost object; 0: there is none. */
static size_t find_list(struct bytes text, const char *member)
{
    int depth = 0;
    size_t at = 0;

    while (at < text.size) {
        size_t next = has(text, at, '"') ? skip_string(text, at) : at + 1;
        size_t list = depth == 1 && has(text, at, '"') ? list_named(text, at, next, member) : 0;

        if (list > 0)
            return list;
        depth += depth_change(text.data[at]);
        at = next;
    }
    return 0;
}

static struct bytes trimmed(struct bytes text, size_t from, size_t to)
{
    from = skip_blanks((struct bytes) { text.data, to }, from);
    while (to > from && is_blank(text.data[to - 1]))
        to--;
    return (struct bytes) { text.data + from, to - from };
}

/*
 * False: an item between two commas is empty, or there are too many. An empty list arrives as one
 * empty item.
 */
static bool take_item(struct foreign_list *list, struct bytes item, bool last)
{
    if (item.size == 0)
        return last && list->count == 0;
    if (list->count == FOREIGN_LIST_MAX)
        return false;
    list->items[list->count++] = item;
    return true;
}

/* The position after the ']' of the list that begins at at; 0: it does not end, or is none. */
static size_t split_items(struct bytes text, size_t at, struct foreign_list *list)
{
    size_t from = ++at;
    int depth = 0;

    while (at < text.size) {
        bool ends = depth == 0 && text.data[at] == ']';

        if (ends || (depth == 0 && text.data[at] == ',')) {
            if (!take_item(list, trimmed(text, from, at), ends))
                return 0;
            from = at + 1;
        }
        if (ends)
            return at + 1;
        depth += depth_change(text.data[at]);
        at = text.data[at] == '"' ? skip_string(text, at) : at + 1;
    }
    return 0;
}

bool foreign_list_read(struct arena *arena, struct bytes text, const char *member,
                       struct foreign_list *list_out)
{
    struct foreign_list list = { .count = 0 };
    struct text rest = text_new(arena);
    size_t begin = find_list(text, member), end = begin > 0 ? split_items(text, begin, &list) : 0;

    if (end == 0)
        return false;
    text_append_bytes(&rest, (struct bytes) { text.data, begin + 1 });
    text_append_bytes(&rest, (struct bytes) { text.data + end - 1, text.size - end + 1 });
    list.envelope = foreign_json_object(arena, text_bytes(&rest));
    *list_out = list;
    return list.envelope != NULL;
}
