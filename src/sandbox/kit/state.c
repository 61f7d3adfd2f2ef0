/* Writes and reads objects, guided by tables of their members. */
#include "state.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "strbuf.h"

void state_reader_init(struct state_reader *reader, struct table *words)
{
    *reader = (struct state_reader) { .things = table_new(), .words = words };
}

void state_reader_deinit(struct state_reader *reader)
{
    table_free(reader->things, NULL);
}

bool state_refuse(struct state_reader *reader, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(reader->why, sizeof reader->why, format, args);
    va_end(args);
    return false;
}

/* --- Writing --- */

static json_t *text_or_null(const char *text)
{
    return text == NULL ? json_null() : json_string(text);
}

static json_t *write_field(const struct state_field *field, const void *thing)
{
    const void *at = (const char *) thing + field->offset;
    void       *pointer;
    int         number;

    switch (field->kind) {
    case STATE_CHARS:  return json_string(at);
    case STATE_NUMBER: return json_integer(*(const int64_t *) at);
    case STATE_FLAG:   return json_boolean(*(const bool *) at);
    case STATE_INT:
        memcpy(&number, at, sizeof number);
        return json_integer(number);
    case STATE_TEXT:
    case STATE_WORD:
    case STATE_JSON:
    case STATE_LINK:
        break;
    }
    memcpy(&pointer, at, sizeof pointer);
    if (field->kind == STATE_JSON)
        return pointer == NULL ? json_null() : json_deep_copy(pointer);
    return text_or_null(field->kind == STATE_LINK && pointer != NULL
                            ? ((struct item *) pointer)->id : pointer);
}

json_t *state_write(const struct state_shape *shape, const void *thing)
{
    const struct item *item = thing;
    json_t            *object = json_object();

    if (!shape->is_plain) {
        json_object_set_new(object, "id", json_string(item->id));
        json_object_set_new(object, "created_s", json_integer(item->created_s));
    }
    for (size_t i = 0; i < shape->count; i++)
        json_object_set_new(object, shape->fields[i].name, write_field(&shape->fields[i], thing));
    return object;
}

void state_write_all(const struct state_shape *shape, const struct collection *collection,
                     json_t *state)
{
    json_t *list = json_array();

    for (size_t i = 0; i < collection->count; i++)
        json_array_append_new(list, state_write(shape, collection->items[i]));
    json_object_set_new(state, shape->name, list);
}

/* --- Reading --- */

static bool refuse_field(struct state_reader *reader, const struct state_shape *shape,
                         const struct state_field *field, const char *expected)
{
    return state_refuse(reader, "%s: %s is not %s", shape->name, field->name, expected);
}

/* The same text, which lives as long as the table of words. */
static const char *keep_word(struct table *words, const char *text)
{
    char *kept = text == NULL ? NULL : table_find(words, text);

    if (text != NULL && kept == NULL) {
        kept = alloc_dup(text);
        table_put(words, text, kept);
    }
    return kept;
}

static bool read_pointer(struct state_reader *reader, const struct state_shape *shape,
                         const struct state_field *field, const json_t *value, void *at)
{
    bool        is_required = field->limit == 1;
    const char *word;
    void       *pointer;

    if (json_is_null(value) && !is_required)
        return true;
    if (field->kind == STATE_JSON && json_is_null(value))
        return refuse_field(reader, shape, field, "there");
    if (field->kind != STATE_JSON && !json_is_string(value))
        return refuse_field(reader, shape, field, "a text");
    if (field->kind == STATE_WORD) {
        word = keep_word(reader->words, json_string_value(value));
        memcpy(at, &word, sizeof word);
        return true;
    }
    pointer = field->kind == STATE_JSON ? json_deep_copy(value)
                                        : (void *) alloc_dup(json_string_value(value));
    memcpy(at, &pointer, sizeof pointer);
    return true;
}

static bool read_chars(struct state_reader *reader, const struct state_shape *shape,
                       const struct state_field *field, const json_t *value, char *at)
{
    if (!json_is_string(value) || json_string_length(value) >= field->size_bytes)
        return refuse_field(reader, shape, field, "a text of its length");
    copy_bounded(at, field->size_bytes, json_string_value(value));
    return true;
}

static bool read_int(struct state_reader *reader, const struct state_shape *shape,
                     const struct state_field *field, const json_t *value, void *at)
{
    int64_t number = json_integer_value(value);

    if (!json_is_integer(value) || number < 0 || number > field->limit)
        return refuse_field(reader, shape, field, "a number in its range");
    memcpy(at, &(int) { (int) number }, sizeof(int));
    return true;
}

static bool read_field(struct state_reader *reader, const struct state_shape *shape,
                       const struct state_field *field, const json_t *value, void *thing)
{
    void *at = (char *) thing + field->offset;

    if (value == NULL)
        return refuse_field(reader, shape, field, "there");
    switch (field->kind) {
    case STATE_CHARS: return read_chars(reader, shape, field, value, at);
    case STATE_INT:   return read_int(reader, shape, field, value, at);
    case STATE_LINK:  return true;      /* set later, when all things exist: state_link_all */
    case STATE_NUMBER:
        *(int64_t *) at = json_integer_value(value);
        return json_is_integer(value) || refuse_field(reader, shape, field, "a number");
    case STATE_FLAG:
        *(bool *) at = json_is_true(value);
        return json_is_boolean(value) || refuse_field(reader, shape, field, "true or false");
    case STATE_TEXT:
    case STATE_WORD:
    case STATE_JSON:
        break;
    }
    return read_pointer(reader, shape, field, value, at);
}

bool state_read(struct state_reader *reader, const struct state_shape *shape,
                const json_t *object, void *thing)
{
    for (size_t i = 0; i < shape->count; i++)
        if (!read_field(reader, shape, &shape->fields[i],
                        json_object_get(object, shape->fields[i].name), thing))
            return false;
    return true;
}

static void name_thing(struct strbuf *name, const char *collection, const char *id)
{
    strbuf_addf(name, "%s %s", collection, id);
}

static bool read_item(struct state_reader *reader, const struct state_shape *shape,
                      const json_t *object, struct collection *collection)
{
    const json_t *created = json_object_get(object, "created_s");
    const char   *id = json_string_value(json_object_get(object, "id"));
    struct strbuf   name = { 0 };
    struct item  *item;

    if (id == NULL || id[0] == '\0' || strlen(id) >= ITEM_ID_BYTES || !json_is_integer(created))
        return state_refuse(reader, "%s: one has no id or no time", shape->name);
    if (collection_find(collection, id) != NULL)
        return state_refuse(reader, "%s: %.80s is there twice", shape->name, id);
    item = alloc_new(1, shape->size_bytes);
    collection_add_named(collection, item, id, json_integer_value(created));
    name_thing(&name, shape->name, id);
    table_put(reader->things, name.bytes, item);
    strbuf_free(&name);
    return state_read(reader, shape, object, item);
}

bool state_read_all(struct state_reader *reader, const struct state_shape *shape,
                    const json_t *state, struct collection *collection)
{
    const json_t *list = json_object_get(state, shape->name), *object;
    size_t        i;

    if (!json_is_array(list))
        return state_refuse(reader, "%s: there is no such list", shape->name);
    json_array_foreach(list, i, object)
        if (!read_item(reader, shape, object, collection))
            return false;
    return true;
}

static bool link_field(struct state_reader *reader, const struct state_shape *shape,
                       const struct state_field *field, const json_t *value, void *thing)
{
    const char *id = json_string_value(value);
    struct strbuf name = { 0 };
    void       *other;

    if (json_is_null(value) && field->limit == 0)
        return true;
    name_thing(&name, field->collection, id == NULL ? "" : id);
    other = table_find(reader->things, name.bytes);
    strbuf_free(&name);
    memcpy((char *) thing + field->offset, &other, sizeof other);
    return other != NULL || refuse_field(reader, shape, field, "the id of anything here");
}

bool state_link_all(struct state_reader *reader, const struct state_shape *shape,
                    const json_t *state, const struct collection *collection)
{
    const json_t *list = json_object_get(state, shape->name);

    for (size_t i = 0; i < collection->count; i++) {
        const json_t *object = json_array_get(list, i);

        for (size_t j = 0; j < shape->count; j++)
            if (shape->fields[j].kind == STATE_LINK &&
                !link_field(reader, shape, &shape->fields[j],
                            json_object_get(object, shape->fields[j].name),
                            collection->items[i]))
                return false;
    }
    return true;
}
