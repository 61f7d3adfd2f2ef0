/*
 * alloc.h - allocation that never returns NULL.
 *
 * The sandbox is a test tool: out of memory, it says so and aborts. Free everything with free().
 */
#ifndef PAYAPI_SANDBOX_KIT_ALLOC_H
#define PAYAPI_SANDBOX_KIT_ALLOC_H

#include <stddef.h>

/* count zeroed elements of size_bytes each; at least one byte. */
__attribute__((warn_unused_result)) void *alloc_new(size_t count, size_t size_bytes);

/* The block resized to count elements, perhaps moved; new elements are not zeroed. */
__attribute__((warn_unused_result)) void *alloc_resize(void *block, size_t count,
                                                       size_t size_bytes);

/* A NUL-terminated copy; NULL of NULL. */
__attribute__((warn_unused_result)) char *alloc_dup(const char *text);
__attribute__((warn_unused_result)) char *alloc_dup_bytes(const void *bytes, size_t count);

#endif
