/* Reads members of JSON documents that providers send. */
#include "infrastructure/providers/shared/documents.h"

#include <stdint.h>
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

#define TIME_MAX_S INT64_C(253402300799)        /* the end of the year 9999 */

bool document_time(const json_t *object, const char *member, int64_t *at_s_out)
{
    int64_t at_s;

    if (!document_integer(object, member, &at_s) || at_s < 0 || at_s > TIME_MAX_S)
        return false;
    *at_s_out = at_s;
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

static bool is_page(const char *url)
{
    static const char sandbox[] = "http://127.0.0.1:";
    const char *host = strncmp(url, "https://", 8) == 0 ? url + 8
                     : strncmp(url, sandbox, sizeof(sandbox) - 1) == 0 ? url + 7 : "";

    if (*host == '\0' || strchr("/?#", *host) != NULL)
        return false;
    return host[strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZ" "abcdefghijklmnopqrstuvwxyz" "0123456789"
                             "-._~:/?#[]@!$&'()*+,;=%")] == '\0';
}

void document_copy_page(char *to_out, size_t size, const char *text)
{
    document_copy(to_out, size, is_page(text) ? text : "");
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
