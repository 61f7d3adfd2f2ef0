/* Reads the members of a body one by one, and notes each fault under its JSON pointer. */
#include "fields.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/json_out.h"
#include "card_number.h"
#include "domain/currency.h"
#include "domain/order.h"
#include "field_forms.h"

#define DIGITS_MAX 18                    /* of a whole number */

struct fields fields_new(struct arena *arena, const struct json_body *body)
{
    return (struct fields) { .arena = arena, .body = body };
}

/* --- Faults -------------------------------------------------------------------------------- */

const char *json_pointer(struct arena *arena, const char *name)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._";
    struct text pointer = text_new(arena);

    if (card_number_is_in(name))                /* not even in the answer */
        name = "***";
    text_append(&pointer, "#/");
    for (; *name != '\0'; name++) {
        if (*name == '~' || *name == '/')
            text_append(&pointer, *name == '~' ? "~0" : "~1");
        else if (strchr(plain, *name) != NULL)
            text_append_char(&pointer, *name);
        else
            text_printf(&pointer, "%%%02X", (unsigned char) *name);
    }
    return text_bytes(&pointer).data;
}

struct problem *validation_problem(struct arena *arena)
{
    return problem_new(arena, PROBLEM_VALIDATION_FAILED,
                       "Some of what was sent is not acceptable; errors says what.");
}

static void fault_at(struct fields *fields, const char *pointer, const char *detail)
{
    if (fields->problem == NULL)
        fields->problem = validation_problem(fields->arena);
    problem_add_field(fields->arena, fields->problem, pointer, "%s", detail);
}

void fields_fault(struct fields *fields, const char *name, const char *detail, ...)
{
    va_list args;

    va_start(args, detail);
    fault_at(fields, json_pointer(fields->arena, name), arena_vprintf(fields->arena, detail, args));
    va_end(args);
}

void fields_fault_in(struct fields *fields, const char *name, int index, const char *detail)
{
    const char *pointer = json_pointer(fields->arena, name);

    fault_at(fields, arena_printf(fields->arena, "%s/%d", pointer, index), detail);
}

/* Card data is refused before anything is stored or logged, even when it was sent by mistake. */
#define NO_CARD_NUMBER "must not contain a card number"

/* --- Members ------------------------------------------------------------------------------- */

json_t *fields_member(struct fields *fields, const char *name, enum field_rule rule)
{
    json_t *member = json_object_get(fields->body->members, name);

    assert(fields->count < FIELDS_MAX);
    fields->names[fields->count++] = name;
    if (member == NULL && rule == FIELD_REQUIRED)
        fields_fault(fields, name, "is required");
    if (!json_is_null(member))
        return member;
    fields_fault(fields, name, "must not be null; leave it out instead");
    return NULL;
}

bool fields_has(const struct fields *fields, const char *name)
{
    return json_object_get(fields->body->members, name) != NULL;
}

static bool was_read(const struct fields *fields, const char *name)
{
    for (int i = 0; i < fields->count; i++)
        if (strcmp(fields->names[i], name) == 0)
            return true;
    return false;
}

const struct problem *fields_finish(struct fields *fields)
{
    const char *name;
    json_t *member;

    json_object_foreach(fields->body->members, name, member)
        if (!was_read(fields, name))
            fields_fault(fields, name, "is not a member of this request");
    return fields->problem;
}

/* --- Texts --------------------------------------------------------------------------------- */

const char *fields_text(struct fields *fields, const char *name, enum field_rule rule,
                        size_t bytes_max)
{
    const json_t *member = fields_member(fields, name, rule);
    const char *text = json_string_value(member);

    if (member == NULL)
        return "";
    if (text == NULL)
        fields_fault(fields, name, "must be a string");
    else if (json_string_length(member) > bytes_max)
        fields_fault(fields, name, "must have at most %zu bytes", bytes_max);
    else if (form_has_control(text))
        fields_fault(fields, name, "must not have control characters");
    else if (card_number_is_in(text))
        fields_fault(fields, name, NO_CARD_NUMBER);
    else if (*text == '\0')
        fields_fault(fields, name, "must not be empty");
    else
        return text;
    return "";
}

int fields_texts(struct fields *fields, const char *name, enum field_rule rule, int count_max,
                 const char **texts_out)
{
    const json_t *member = fields_member(fields, name, rule);
    int count = (int) json_array_size(member);

    if (member == NULL)
        return 0;
    if (!json_is_array(member) || count < 1 || count > count_max) {
        fields_fault(fields, name, "must be an array of 1 to %d strings", count_max);
        return 0;
    }
    for (int i = 0; i < count; i++) {
        texts_out[i] = json_string_value(json_array_get(member, (size_t) i));
        if (texts_out[i] == NULL || texts_out[i][0] == '\0') {
            fields_fault_in(fields, name, i, "must be a string that is not empty");
            return 0;
        }
    }
    return count;
}

/* As a path segment "." and ".." would mean something else. */
static bool is_order_id(const char *text)
{
    struct order_id id;

    return order_id_parse(text, &id) && strcmp(text, ".") != 0 && strcmp(text, "..") != 0;
}

bool fields_whole_number(struct fields *fields, const char *name, enum field_rule rule,
                         int64_t *number_out)
{
    const json_t *number = fields_member(fields, name, rule);
    char digits[DIGITS_MAX + 1];
    struct bytes raw;

    if (number == NULL)
        return true;
    raw = json_is_integer(number) ? json_body_number(fields->body, number) : bytes_of("");
    if (raw.size == 0 || raw.size > DIGITS_MAX || (raw.size > 1 && raw.data[0] == '0'))
        return false;
    memcpy(digits, raw.data, raw.size);
    digits[raw.size] = '\0';
    if (digits[strspn(digits, "0123456789")] != '\0')
        return false;
    *number_out = strtoll(digits, NULL, 10);
    return true;
}

const char *fields_order_id(struct fields *fields, const char *name)
{
    const json_t *member = fields_member(fields, name, FIELD_OPTIONAL);

    if (member == NULL)
        return "";
    if (json_is_string(member) && card_number_is_in(json_string_value(member))) {
        fields_fault(fields, name, NO_CARD_NUMBER);
        return "";
    }
    if (json_is_string(member) && is_order_id(json_string_value(member)))
        return json_string_value(member);
    fields_fault(fields, name, "must be a string of 1 to 64 characters A-Z a-z 0-9 . _ -");
    return "";
}

const char *fields_email(struct fields *fields, const char *name)
{
    const char *text = fields_text(fields, name, FIELD_OPTIONAL, EMAIL_MAX - 1);

    if (*text == '\0' || form_is_email(text))
        return text;
    fields_fault(fields, name, "must be an email address");
    return "";
}

const char *fields_url(struct fields *fields, const char *name, const char *origins)
{
    const char *text = fields_text(fields, name, FIELD_OPTIONAL, URL_MAX - 1);

    if (*text == '\0')
        return "";
    if (!form_is_url(text))
        fields_fault(fields, name, "must be an absolute http or https address");
    else if (*origins != '\0' && !form_has_origin(text, origins))
        fields_fault(fields, name, "must be at one of the addresses that the operator allows");
    else
        return text;
    return "";
}

const char *fields_currency(struct fields *fields, const char *name, enum field_rule rule)
{
    const char *text = fields_text(fields, name, rule, 16);

    if (*text == '\0' || currency_find(text) != NULL)
        return text;
    fields_fault(fields, name, "must be an ISO 4217 code in upper case, like USD");
    return "";
}

/* --- Metadata ------------------------------------------------------------------------------ */

static const char *fault_of_pair(const char *key, const json_t *value)
{
    if (*key == '\0' || strlen(key) > 40 || form_has_control(key))
        return "must have a name of 1 to 40 bytes without control characters";
    if (!json_is_string(value))
        return "must be a string";
    if (json_string_length(value) == 0)
        return "must not be empty";
    if (json_string_length(value) > 500 || form_has_control(json_string_value(value)))
        return "must have at most 500 bytes and no control characters";
    if (card_number_is_in(key) || card_number_is_in(json_string_value(value)))
        return NO_CARD_NUMBER;
    return NULL;
}

static struct bytes read_pairs(struct fields *fields, const char *name, json_t *pairs)
{
    struct text text = json_out_begin(fields->arena);
    const char *key;
    json_t *value;

    json_object_foreach(pairs, key, value) {
        const char *fault = fault_of_pair(key, value);

        if (fault == NULL)
            json_out_text(&text, key, json_string_value(value));
        else
            fault_at(fields, arena_printf(fields->arena, "%s%s", json_pointer(fields->arena, name),
                                          json_pointer(fields->arena, key) + 1), fault);
    }
    return json_out_end(&text);
}

const char *fields_metadata(struct fields *fields, const char *name)
{
    json_t *pairs = fields_member(fields, name, FIELD_OPTIONAL);
    struct bytes text = bytes_of("{}");

    if (pairs == NULL)
        return text.data;
    if (!json_is_object(pairs))
        fields_fault(fields, name, "must be an object of strings");
    else if (json_object_size(pairs) > METADATA_PAIRS_MAX)
        fields_fault(fields, name, "must have at most %d members", METADATA_PAIRS_MAX);
    else
        text = read_pairs(fields, name, pairs);
    if (text.size >= METADATA_JSON_MAX)
        fields_fault(fields, name, "must have less than %d bytes in all", METADATA_JSON_MAX);
    return text.data;
}
