#include "infrastructure/providers/shared/documents.h"

#include <string.h>

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
