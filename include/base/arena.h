/*
 * arena.h - memory with the lifetime of one request or job.
 *
 * arena_reset frees everything taken from an arena together: it wipes the bytes (they may have held
 * keys or personal data) and releases adopted foreign objects, newest first. Allocation never
 * fails: the process aborts instead, PostgreSQL rolls back, the master restarts it.
 */
#ifndef PAYAPI_BASE_ARENA_H
#define PAYAPI_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/bytes.h"

struct arena;

/* The first block stays for the life of the arena; 64 KiB serve almost every request. */
struct arena *arena_new(void);
void          arena_free(struct arena *arena);          /* resets first; NULL is fine */
void          arena_reset(struct arena *arena);

/* size zeroed bytes, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((malloc, returns_nonnull));
/*
 * Moves the block to a larger size, keeping old_size bytes; extends in place when it is the newest.
 */
void *arena_grow(struct arena *arena, void *block, size_t old_size, size_t new_size)
    __attribute__((returns_nonnull));

char *arena_strdup(struct arena *arena, const char *text);              /* NULL gives NULL */
char *arena_bytes_dup(struct arena *arena, struct bytes bytes);         /* followed by a NUL */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3), returns_nonnull));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0), returns_nonnull));

/* Hands object over: release(object) runs at reset. Returns object. NULL is not adopted. */
void *arena_adopt(struct arena *arena, void *object, void (*release)(void *));

/* Bytes taken from the system now: for the memory tests. */
size_t arena_footprint_bytes(const struct arena *arena);

#endif
