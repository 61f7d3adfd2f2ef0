/* Copies metadata without its proof and with another payment id. */
#include "foreign_metadata.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/kit/alloc.h"
#include "sandbox/kit/strbuf.h"

#define OWN_DIGITS 8

/* The same form, other digits at the end. */
static json_t *other_id(const char *id)
{
    char    digits[OWN_DIGITS + 1];
    char   *other = alloc_dup(id);
    size_t  length = strlen(other);
    json_t *text;

    random_id("", OWN_DIGITS, digits, sizeof digits);
    for (size_t i = 0; i < OWN_DIGITS && i < length; i++)
        other[length - 1 - i] = (char) ('0' + digits[i] % 10);
    text = json_string(other);
    free(other);
    return text;
}

static bool is_proof(const char *name)
{
    size_t length = strlen(name);

    return length >= 5 && strcmp(name + length - 5, "proof") == 0;
}

json_t *foreign_metadata(const json_t *ours)
{
    json_t     *metadata = json_deep_copy(ours), *value;
    const char *name;
    void       *next;

    json_object_foreach_safe(metadata, next, name, value) {
        if (is_proof(name))
            json_object_del(metadata, name);
        else if (strcmp(name, "payment_id") == 0 && json_is_string(value))
            json_object_set_new(metadata, name, other_id(json_string_value(value)));
    }
    return metadata;
}
