/*
 * heap.h - things waiting for a point in time, the earliest first.
 *
 * Equal times come out in the order they went in. Items are borrowed. Start with { 0 }.
 */
#ifndef PAYAPI_SANDBOX_KIT_HEAP_H
#define PAYAPI_SANDBOX_KIT_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap_item {
    int64_t  at;                /* the owner's unit: ms or s */
    uint64_t order;             /* set by heap_push */
    void    *thing;
};

struct heap {
    struct heap_item *items;
    size_t            count, capacity;
    uint64_t          pushed;
};

void heap_push(struct heap *heap, int64_t at, void *thing);

/* The earliest item, still in the heap; NULL when empty. Valid until the next push or pop. */
const struct heap_item *heap_first(const struct heap *heap);

/* Takes the earliest thing out; NULL when empty. */
void *heap_pop(struct heap *heap);

void heap_clear(struct heap *heap);

#endif
