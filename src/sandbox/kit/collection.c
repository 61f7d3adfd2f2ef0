/* An array in order of creation with a hash table of its ids. */
#include "collection.h"

#include <stdlib.h>

#include "alloc.h"
#include "strbuf.h"

void collection_init(struct collection *collection)
{
    *collection = (struct collection) { .by_id = table_new() };
}

void collection_deinit(struct collection *collection, void (*release)(void *thing))
{
    for (size_t i = 0; i < collection->count; i++)
        release(collection->items[i]);
    free(collection->items);
    table_free(collection->by_id, NULL);
    *collection = (struct collection) { 0 };
}

void collection_add_named(struct collection *collection, struct item *item, const char *id,
                          int64_t created_s)
{
    if (collection->count == collection->capacity) {
        collection->capacity = collection->capacity == 0 ? 64 : collection->capacity * 2;
        collection->items =
            alloc_resize(collection->items, collection->capacity, sizeof(struct item *));
    }
    copy_bounded(item->id, sizeof item->id, id);
    item->created_s = created_s;
    item->position = collection->count;
    collection->items[collection->count++] = item;
    table_put(collection->by_id, item->id, item);
}

void collection_add(struct collection *collection, struct item *item, const char *prefix,
                    size_t letters, int64_t created_s)
{
    char id[ITEM_ID_BYTES];

    random_id(prefix, letters, id, sizeof id);
    collection_add_named(collection, item, id, created_s);
}

void *collection_find(const struct collection *collection, const char *id)
{
    return table_find(collection->by_id, id);
}
