/*
 * state.h - converts the objects of the sandbox to JSON and back, guided by tables of members.
 *
 * Each struct that is kept has one shape: a row for each member. Reading checks everything: it
 * reports a member that is missing, of another type or out of range, and guesses nothing.
 */
#ifndef PAYAPI_SANDBOX_KIT_STATE_H
#define PAYAPI_SANDBOX_KIT_STATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "collection.h"

#define STATE_WHY_BYTES 200

enum state_kind {
    STATE_TEXT,                 /* char *, owned by the struct; NULL unless required */
    STATE_WORD,                 /* const char *, one of a few; kept in the table of words */
    STATE_CHARS,                /* char[size_bytes] */
    STATE_NUMBER,               /* int64_t */
    STATE_INT,                  /* int or an enum, from 0 to limit */
    STATE_FLAG,                 /* bool */
    STATE_JSON,                 /* json_t *, owned by the struct; NULL unless required */
    STATE_LINK,                 /* a pointer to a thing of another collection; likewise */
};

struct state_field {
    const char     *name;
    enum state_kind kind;
    size_t          offset, size_bytes;
    int64_t         limit;      /* of STATE_INT; of texts, JSON and links: 1 when required */
    const char     *collection; /* of STATE_LINK: the name of that shape */
};

/* name: of the collection. Each thing begins with its struct item, unless is_plain. */
struct state_shape {
    const char               *name;
    size_t                    size_bytes;
    const struct state_field *fields;
    size_t                    count;
    bool                      is_plain;
};

#define STATE_ROW(type, member, kind, limit)                                                      \
    { #member, kind, offsetof(type, member), sizeof(((type *) 0)->member), limit, NULL }
#define STATE_LINK_ROW(type, member, limit, collection)                                           \
    { #member, STATE_LINK, offsetof(type, member), sizeof(void *), limit, collection }
#define STATE_SHAPE(name, type, rows, is_plain)                                                   \
    { name, sizeof(type), rows, sizeof(rows) / sizeof(rows)[0], is_plain }

/* The context of reading. Start with state_reader_init; after a failure, why says what is wrong. */
struct state_reader {
    struct table *things;       /* "collection id" to the thing */
    struct table *words;        /* borrowed: the owner frees its values */
    char          why[STATE_WHY_BYTES];
};

void state_reader_init(struct state_reader *reader, struct table *words);
void state_reader_deinit(struct state_reader *reader);

/* False, with the reason in reader->why. */
__attribute__((format(printf, 2, 3))) bool state_refuse(struct state_reader *reader,
                                                        const char *format, ...);

/* One struct as an object. New. */
json_t *state_write(const struct state_shape *shape, const void *thing);

/* Fills the members of the struct, which must be zeroed; its links stay NULL. */
bool state_read(struct state_reader *reader, const struct state_shape *shape,
                const json_t *object, void *thing);

/* The collection as the member shape->name of state, oldest first. */
void state_write_all(const struct state_shape *shape, const struct collection *collection,
                     json_t *state);

/* Makes the things of that member. When all collections are read, state_link_all sets the links. */
bool state_read_all(struct state_reader *reader, const struct state_shape *shape,
                    const json_t *state, struct collection *collection);
bool state_link_all(struct state_reader *reader, const struct state_shape *shape,
                    const json_t *state, const struct collection *collection);

#endif
