/* Checks the fields of a form against an operation's table of parameters. */
#include "params.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/kit/strbuf.h"
#include "sandbox/kit/utf8.h"

#define INTEGER_DIGITS_MAX 18

static int by_pattern(const void *pattern, const void *row)
{
    return strcmp(pattern, ((const struct param *) row)->pattern);
}

static const struct param *find_row(const struct param_table *table, const char *pattern)
{
    return bsearch(pattern, table->rows, table->count, sizeof table->rows[0], by_pattern);
}

/* "metadata[order_id]" lies in the map "metadata"; the map's row, or NULL. */
static const struct param *find_map(const struct param_table *table, const char *pattern)
{
    const char         *last = strrchr(pattern, '[');
    const struct param *row;
    char                parent[200];

    if (last == NULL || (size_t) (last - pattern) >= sizeof parent)
        return NULL;
    memcpy(parent, pattern, (size_t) (last - pattern));
    parent[last - pattern] = '\0';
    row = find_row(table, parent);
    return row != NULL && row->type == PARAM_MAP ? row : NULL;
}

/* Whether something is listed below this pattern; then a plain value has the wrong type. */
static bool has_children(const struct param_table *table, const char *pattern)
{
    size_t length = strlen(pattern);

    for (size_t i = 0; i < table->count; i++)
        if (strncmp(table->rows[i].pattern, pattern, length) == 0 &&
            table->rows[i].pattern[length] == '[')
            return true;
    return false;
}

bool params_read_integer(const char *value, int64_t *number_out)
{
    const char *digits = value[0] == '-' ? value + 1 : value;
    size_t      length = strlen(digits);

    if (length == 0 || length > INTEGER_DIGITS_MAX || strspn(digits, "0123456789") != length)
        return false;
    *number_out = strtoll(value, NULL, 10);
    return true;
}

static bool is_number(const char *value)
{
    size_t whole = strspn(value, "0123456789");
    size_t fraction = value[whole] == '.' ? strspn(value + whole + 1, "0123456789") : 0;

    return whole > 0 && value[whole + (fraction > 0 ? fraction + 1 : 0)] == '\0';
}

static bool is_one_of(const char *values, const char *value)
{
    size_t length = strcspn(value, "|");

    if (length == 0 || value[length] != '\0')
        return false;
    for (const char *one = values; one != NULL; one = strchr(one, '|')) {
        one += *one == '|';
        if (strncmp(one, value, length) == 0 && (one[length] == '|' || one[length] == '\0'))
            return true;
    }
    return false;
}

__attribute__((format(printf, 4, 5)))
static bool refuse(struct param_error *error, const char *code, const char *param,
                   const char *format, ...)
{
    va_list args;

    error->code = code;
    copy_bounded(error->param, sizeof error->param, param);
    va_start(args, format);
    vsnprintf(error->message, sizeof error->message, format, args);
    va_end(args);
    return false;
}

static bool check_map_entry(const struct url_form_field *field, struct param_error *error)
{
    const char *key = strrchr(field->path, '[') + 1;
    size_t      key_length = utf8_length(key) - 1;      /* without ']' */
    char        map[200];

    snprintf(map, sizeof map, "%.*s", (int) (key - 1 - field->path), field->path);
    if (key_length > METADATA_KEY_LENGTH_MAX)
        return refuse(error, NULL, map, "Metadata keys can have up to %d characters, but you "
                      "passed in a key that is %zu characters.", METADATA_KEY_LENGTH_MAX,
                      key_length);
    if (utf8_length(field->value) > METADATA_VALUE_LENGTH_MAX)
        return refuse(error, NULL, map, "Metadata values can have up to %d characters, but you "
                      "passed in a value that is %zu characters.", METADATA_VALUE_LENGTH_MAX,
                      utf8_length(field->value));
    return true;
}

static bool check_type(const struct param *row, const struct url_form_field *field,
                       const char *version, struct param_error *error)
{
    const char *value = field->value, *param = field->path;
    int64_t     number;

    if (value[0] == '\0')
        return row->type == PARAM_MAP ||
               refuse(error, "parameter_invalid_empty", param, "You passed an empty string for "
                      "'%s'. We assume empty values are an attempt to unset a parameter; however "
                      "'%s' cannot be unset.", param, param);
    switch (row->type) {
    case PARAM_STRING:
        if (row->values != NULL && strcmp(version, row->values) >= 0)
            return refuse(error, "parameter_unknown", param, "Received unknown parameter: %s",
                          param);
        return utf8_length(value) <= PARAM_STRING_LENGTH_MAX ||
               refuse(error, NULL, param, "Invalid string: must be at most %d characters",
                      PARAM_STRING_LENGTH_MAX);
    case PARAM_INTEGER:
        return params_read_integer(value, &number) ||
               refuse(error, "parameter_invalid_integer", param, "Invalid integer: %.80s", value);
    case PARAM_BOOLEAN:
        return is_one_of("true|false", value) ||
               refuse(error, NULL, param, "Invalid boolean: %.80s", value);
    case PARAM_NUMBER:
        return is_number(value) || refuse(error, NULL, param, "Invalid decimal: %.80s", value);
    case PARAM_ENUM:
        return is_one_of(row->values, value) ||
               refuse(error, NULL, param, "Invalid %s: must be one of %s", param, row->values);
    case PARAM_MAP:
        return refuse(error, NULL, param, "Invalid hash");
    }
    return false;
}

static bool check_field(const struct param_table *table, const struct url_form_field *field,
                        const char *version, struct param_error *error)
{
    const struct param *row = find_row(table, field->pattern);

    if (row != NULL)
        return check_type(row, field, version, error);
    if (find_map(table, field->pattern) != NULL)
        return check_map_entry(field, error);
    if (has_children(table, field->pattern))
        return refuse(error, NULL, field->path, "Invalid %s: it takes nested parameters",
                      field->path);
    return refuse(error, "parameter_unknown", field->path, "Received unknown parameter: %s",
                  field->path);
}

/* The fields are sorted: the entries of one map follow each other. */
static bool check_map_sizes(const struct param_table *table, const struct url_form *form,
                            struct param_error *error)
{
    size_t entries = 0, length = 0, last_length = 0;

    for (size_t i = 0; i < form->count; i++) {
        const char *path = form->fields[i].path;

        if (find_map(table, form->fields[i].pattern) == NULL)
            continue;
        length = (size_t) (strrchr(path, '[') - path);
        if (entries == 0 || length != last_length ||
            strncmp(path, form->fields[i - 1].path, length) != 0)
            entries = 0;
        last_length = length;
        if (++entries > METADATA_KEYS_MAX)
            return refuse(error, NULL, path, "Metadata can have up to %d keys.",
                          METADATA_KEYS_MAX);
    }
    return true;
}

bool params_check(const struct param_table *table, const struct url_form *form, const char *version,
                  struct param_error *error_out)
{
    for (size_t i = 0; i < form->count; i++)
        if (!check_field(table, &form->fields[i], version, error_out))
            return false;
    return check_map_sizes(table, form, error_out);
}
