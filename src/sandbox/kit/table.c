/* A hash table with chained buckets, doubled when it fills. */
#include "table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define TABLE_BUCKETS_MIN 1024

struct entry {
    struct entry *next;
    uint64_t      hash;
    void         *value;
    char          key[];
};

struct table {
    struct entry **buckets;
    size_t         bucket_count;        /* a power of two */
    size_t         entry_count;
};

/* FNV-1a: keys are our own ids and short header values. */
static uint64_t hash_of(const char *key)
{
    uint64_t hash = 14695981039346656037u;

    for (; *key != '\0'; key++)
        hash = (hash ^ (unsigned char) *key) * 1099511628211u;
    return hash;
}

static struct entry **slot_of(const struct table *table, uint64_t hash, const char *key)
{
    struct entry **slot = &table->buckets[hash & (table->bucket_count - 1)];

    while (*slot != NULL && ((*slot)->hash != hash || strcmp((*slot)->key, key) != 0))
        slot = &(*slot)->next;
    return slot;
}

static void grow(struct table *table)
{
    struct table bigger = { .bucket_count = table->bucket_count * 2,
                            .entry_count = table->entry_count };

    bigger.buckets = alloc_new(bigger.bucket_count, sizeof *bigger.buckets);
    for (size_t i = 0; i < table->bucket_count; i++) {
        for (struct entry *entry = table->buckets[i], *next; entry != NULL; entry = next) {
            struct entry **bucket = &bigger.buckets[entry->hash & (bigger.bucket_count - 1)];

            next = entry->next;
            entry->next = *bucket;
            *bucket = entry;
        }
    }
    free(table->buckets);
    *table = bigger;
}

struct table *table_new(void)
{
    struct table *table = alloc_new(1, sizeof *table);

    table->bucket_count = TABLE_BUCKETS_MIN;
    table->buckets = alloc_new(table->bucket_count, sizeof *table->buckets);
    return table;
}

void table_free(struct table *table, void (*release)(void *value))
{
    for (size_t i = 0; i < table->bucket_count; i++) {
        for (struct entry *entry = table->buckets[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            if (release != NULL)
                release(entry->value);
            free(entry);
        }
    }
    free(table->buckets);
    free(table);
}

void *table_find(const struct table *table, const char *key)
{
    struct entry *entry = *slot_of(table, hash_of(key), key);

    return entry == NULL ? NULL : entry->value;
}

void table_put(struct table *table, const char *key, void *value)
{
    uint64_t       hash = hash_of(key);
    struct entry **slot = slot_of(table, hash, key);
    size_t         key_bytes = strlen(key) + 1;

    if (*slot == NULL) {
        *slot = alloc_new(1, sizeof **slot + key_bytes);
        (*slot)->hash = hash;
        memcpy((*slot)->key, key, key_bytes);
        table->entry_count++;
    }
    (*slot)->value = value;
    if (table->entry_count > table->bucket_count)
        grow(table);
}

void *table_remove(struct table *table, const char *key)
{
    struct entry **slot = slot_of(table, hash_of(key), key);
    struct entry  *entry = *slot;
    void          *value;

    if (entry == NULL)
        return NULL;
    value = entry->value;
    *slot = entry->next;
    free(entry);
    table->entry_count--;
    return value;
}

void table_each(const struct table *table, void (*each)(const char *key, void *value, void *with),
                void *with)
{
    for (size_t i = 0; i < table->bucket_count; i++)
        for (struct entry *entry = table->buckets[i]; entry != NULL; entry = entry->next)
            each(entry->key, entry->value, with);
}
