/*
 * collection.h - things with an id, found by it or walked through in order of creation.
 *
 * An item is the first member of its struct, so a pointer to one is a pointer to the other. Not
 * thread-safe.
 */
#ifndef PAYAPI_SANDBOX_KIT_COLLECTION_H
#define PAYAPI_SANDBOX_KIT_COLLECTION_H

#include <stddef.h>
#include <stdint.h>

#include "table.h"

#define ITEM_ID_BYTES 80

struct item {
    char    id[ITEM_ID_BYTES];
    int64_t created_s;
    size_t  position;           /* in its collection */
};

struct collection {
    struct table *by_id;
    struct item **items;        /* oldest first */
    size_t        count, capacity;
};

void collection_init(struct collection *collection);

/* Frees what it holds: release frees one whole thing. */
void collection_deinit(struct collection *collection, void (*release)(void *thing));

/* Gives the item a new id and the last position. */
void collection_add(struct collection *collection, struct item *item, const char *prefix,
                    size_t letters, int64_t created_s);

/* The same with an id that the caller knows to be new. */
void collection_add_named(struct collection *collection, struct item *item, const char *id,
                          int64_t created_s);

/* NULL when unknown. */
void *collection_find(const struct collection *collection, const char *id);

#endif
