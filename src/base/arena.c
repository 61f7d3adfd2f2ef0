/* Allocates blocks of memory, adopts objects, and releases both. */
#include "base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

/*
 * Every byte after `used` is zero: blocks come from calloc, and a reset wipes what was used.
 * Handing out memory therefore needs no memset.
 */
struct block {
    struct block *older;
    size_t        capacity;
    size_t        used;
    alignas(max_align_t) char data[];
};

/* Lives in the arena it belongs to. */
struct adopted {
    struct adopted *older;
    void           *object;
    void          (*release)(void *);
};

struct arena {
    struct block   *newest;     /* the first block is the oldest and is never freed early */
    struct adopted *adopted;
    size_t          footprint_bytes;
};

#define BLOCK_BYTES ((size_t) 64 * 1024)        /* with its header: a round number for malloc */
#define SIZE_LIMIT  (SIZE_MAX / 4)              /* anything larger is a bug, not a request */

static void         die_of_memory(size_t size) __attribute__((noreturn));
static size_t       aligned(size_t size);
static struct block *block_new(size_t capacity);
static void         add_block(struct arena *arena, size_t size);
static void         release_adopted(struct arena *arena);
static void         free_newest(struct arena *arena);
static void         wipe(struct block *block);
static void         hide(struct block *block);
static void         show(void *data, size_t size);

struct arena *arena_new(void)
{
    struct arena *arena = calloc(1, sizeof(*arena));

    if (arena == NULL)
        die_of_memory(sizeof(*arena));
    arena->newest = block_new(BLOCK_BYTES - sizeof(struct block));
    arena->footprint_bytes = sizeof(*arena) + BLOCK_BYTES;
    return arena;
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    arena_reset(arena);
    free_newest(arena);
    free(arena);
}

void arena_reset(struct arena *arena)
{
    release_adopted(arena);                     /* first: release may still read our bytes */
    while (arena->newest->older != NULL)
        free_newest(arena);
    wipe(arena->newest);
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct block *block;
    char *data;

    if (size > SIZE_LIMIT)
        die_of_memory(size);
    if (aligned(size) > arena->newest->capacity - arena->newest->used)
        add_block(arena, size);
    block = arena->newest;
    data = block->data + block->used;
    block->used += aligned(size);
    show(data, size);
    return data;
}

void *arena_grow(struct arena *arena, void *data, size_t old_size, size_t new_size)
{
    struct block *newest = arena->newest;
    char *end = newest->data + newest->used;
    void *moved;

    assert(new_size >= old_size);
    if (new_size > SIZE_LIMIT)
        die_of_memory(new_size);
    if ((char *) data + aligned(old_size) == end
            && aligned(new_size) - aligned(old_size) <= newest->capacity - newest->used) {
        newest->used += aligned(new_size) - aligned(old_size);
        show(data, new_size);
        return data;
    }
    moved = arena_alloc(arena, new_size);
    if (old_size > 0)
        memcpy(moved, data, old_size);
    return moved;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return text != NULL ? arena_bytes_dup(arena, bytes_of(text)) : NULL;
}

char *arena_bytes_dup(struct arena *arena, struct bytes bytes)
{
    char *copy;

    if (bytes.size > SIZE_LIMIT)
        die_of_memory(bytes.size);
    copy = arena_alloc(arena, bytes.size + 1);
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
    char most[256];                             /* most texts fit into it */
    va_list again;
    int length;
    char *text;

    va_copy(again, args);
    length = vsnprintf(most, sizeof(most), format, again);
    va_end(again);
    assert(length >= 0);                        /* only a broken format string fails */
    text = arena_alloc(arena, (size_t) length + 1);
    if ((size_t) length < sizeof(most))
        memcpy(text, most, (size_t) length);
    else
        (void) vsnprintf(text, (size_t) length + 1, format, args);
    return text;
}

void *arena_adopt(struct arena *arena, void *object, void (*release)(void *))
{
    struct adopted *adopted;

    if (object == NULL)
        return NULL;
    adopted = arena_alloc(arena, sizeof(*adopted));
    *adopted = (struct adopted) { arena->adopted, object, release };
    arena->adopted = adopted;
    return object;
}

size_t arena_footprint_bytes(const struct arena *arena)
{
    return arena->footprint_bytes;
}

/* --- Blocks ------------------------------------------------------------------------------- */

static void die_of_memory(size_t size)
{
    log_event(LOG_LEVEL_ERROR, "out_of_memory", LOG_NUMBER("size_bytes", (int64_t) size));
    abort();
}

/* A multiple of the strictest alignment; never zero, so that two blocks never share an address. */
static size_t aligned(size_t size)
{
    const size_t step = alignof(max_align_t);

    return size == 0 ? step : (size + step - 1) / step * step;
}

static struct block *block_new(size_t capacity)
{
    struct block *block = calloc(1, sizeof(*block) + capacity);

    if (block == NULL)
        die_of_memory(capacity);
    block->capacity = capacity;
    hide(block);
    return block;
}

/* Doubles until size fits, so that a block that grows byte by byte seldom moves. */
static void add_block(struct arena *arena, size_t size)
{
    size_t block_bytes = BLOCK_BYTES;
    struct block *block;

    while (block_bytes - sizeof(*block) < aligned(size))
        block_bytes *= 2;
    block = block_new(block_bytes - sizeof(*block));
    block->older = arena->newest;
    arena->newest = block;
    arena->footprint_bytes += block_bytes;
}

static void release_adopted(struct arena *arena)
{
    while (arena->adopted != NULL) {
        const struct adopted *adopted = arena->adopted;

        arena->adopted = adopted->older;
        adopted->release(adopted->object);
    }
}

static void free_newest(struct arena *arena)
{
    struct block *block = arena->newest;

    arena->newest = block->older;
    arena->footprint_bytes -= sizeof(*block) + block->capacity;
    wipe(block);
    show(block->data, block->capacity);
    free(block);
}

static void wipe(struct block *block)
{
    show(block->data, block->used);
    explicit_bzero(block->data, block->used);
    block->used = 0;
    hide(block);
}

/* --- Under AddressSanitizer, bytes that were not handed out are out of bounds ------------- */

#ifdef __SANITIZE_ADDRESS__
#define ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER 1
#endif
#endif

#ifdef ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>

static void hide(struct block *block)
{
    __asan_poison_memory_region(block->data, block->capacity);
}

static void show(void *data, size_t size)
{
    __asan_unpoison_memory_region(data, size);
}
#else
static void hide(struct block *block)
{
    (void) block;
}

static void show(void *data, size_t size)
{
    (void) data;
    (void) size;
}
#endif
