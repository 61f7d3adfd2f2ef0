#include "infrastructure/providers/shared/documents.h"

#include <string.h>

/* --- Parsing ------------------------------------------------------------------------------- */

/* Deepest nesting of brackets outside strings; Jansson recurses, so it is asked only afterwards. */
static bool is_shallow(struct bytes bytes)
{
    bool in_string = false;
    int depth = 0;

    for (size_t i = 0; i < bytes.size; i++) {
        char c = bytes.data[i];

        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            depth++;
        else if (!in_string && (c == '}' || c == ']'))
            depth--;
        if (depth > DOCUMENT_DEPTH_MAX)
            return false;
    }
    return true;
}

static void release_json(void *json)
{
    json_decref(json);
}

json_t *document_parse(struct arena *arena, struct bytes bytes)
{
    json_t *document;

    if (bytes.size == 0 || !is_shallow(bytes))
        return NULL;
    document = arena_adopt(arena, json_loadb(bytes.data, bytes.size, JSON_REJECT_DUPLICATES, NULL),
                           release_json);
    return json_is_object(document) ? document : NULL;
}

/* --- Members ------------------------------------------------------------------------------- */

const char *document_text(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    return text != NULL ? text : "";
}

bool document_integer(const json_t *object, const char *member, int64_t *number_out)
{
    const json_t *number = json_object_get(object, member);

    if (!json_is_integer(number))
        return false;
    *number_out = json_integer_value(number);
    return true;
}

bool document_is(const json_t *object, const char *member, const char *text)
{
    return strcmp(document_text(object, member), text) == 0;
}

void document_copy(char *to_out, size_t size, const char *text)
{
    size_t length = strlen(text);

    to_out[0] = '\0';
    if (length < size)
        memcpy(to_out, text, length + 1);
}

static bool continues_character(char c)
{
    return ((unsigned char) c & 0xc0) == 0x80;
}

void document_copy_start(char *to_out, size_t size, const char *text)
{
    size_t length = strlen(text);

    if (length >= size) {
        length = size - 1;
        while (length > 0 && continues_character(text[length]))
            length--;
    }
    memcpy(to_out, text, length);
    to_out[length] = '\0';
}
