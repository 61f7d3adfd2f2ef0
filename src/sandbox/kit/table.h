/*
 * table.h - a hash table from text to a pointer.
 *
 * Keys are copied; values are borrowed and never freed here. Not thread-safe: the owner locks.
 */
#ifndef PAYAPI_SANDBOX_KIT_TABLE_H
#define PAYAPI_SANDBOX_KIT_TABLE_H

#include <stddef.h>

struct table;

struct table *table_new(void);

/* Frees the table, after handing each value to release (which may be NULL). */
void table_free(struct table *table, void (*release)(void *value));

/* The value stored under key, NULL when there is none. */
void *table_find(const struct table *table, const char *key);

/* Stores value under key, replacing what was there. */
void table_put(struct table *table, const char *key, void *value);

/* Forgets the key; returns what was stored under it, or NULL. */
void *table_remove(struct table *table, const char *key);

/* Calls each once per entry, in no particular order. */
void table_each(const struct table *table, void (*each)(const char *key, void *value, void *with),
                void *with);

#endif
