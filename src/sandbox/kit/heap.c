/* A binary heap, ordered by time. */
#include "heap.h"

#include <stdbool.h>
#include <stdlib.h>

#include "alloc.h"

static bool comes_before(const struct heap_item *a, const struct heap_item *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(struct heap *heap, size_t a, size_t b)
{
    struct heap_item item = heap->items[a];

    heap->items[a] = heap->items[b];
    heap->items[b] = item;
}

static void sift_up(struct heap *heap, size_t i)
{
    while (i > 0 && comes_before(&heap->items[i], &heap->items[(i - 1) / 2])) {
        swap(heap, i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

static void sift_down(struct heap *heap, size_t i)
{
    for (;;) {
        size_t first = i;

        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < heap->count; child++)
            if (comes_before(&heap->items[child], &heap->items[first]))
                first = child;
        if (first == i)
            return;
        swap(heap, i, first);
        i = first;
    }
}

void heap_push(struct heap *heap, int64_t at, void *thing)
{
    if (heap->count == heap->capacity) {
        heap->capacity = heap->capacity == 0 ? 64 : heap->capacity * 2;
        heap->items = alloc_resize(heap->items, heap->capacity, sizeof *heap->items);
    }
    heap->items[heap->count] = (struct heap_item) { at, heap->pushed++, thing };
    sift_up(heap, heap->count++);
}

const struct heap_item *heap_first(const struct heap *heap)
{
    return heap->count == 0 ? NULL : &heap->items[0];
}

void *heap_pop(struct heap *heap)
{
    void *thing;

    if (heap->count == 0)
        return NULL;
    thing = heap->items[0].thing;
    heap->items[0] = heap->items[--heap->count];
    sift_down(heap, 0);
    return thing;
}

void heap_clear(struct heap *heap)
{
    free(heap->items);
    *heap = (struct heap) { 0 };
}
