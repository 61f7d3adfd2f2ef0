/*
 * bytes.h - a borrowed run of bytes. The function that made it says how long it lives.
 */
#ifndef PAYAPI_BASE_BYTES_H
#define PAYAPI_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define MUST_CHECK __attribute__((warn_unused_result))

struct bytes {
    const char *data;           /* may hold NUL bytes; NULL only when size is 0 */
    size_t      size;
};

/* The text as bytes, without its NUL. NULL gives no bytes. */
static inline struct bytes bytes_of(const char *text)
{
    return (struct bytes) { text, text != NULL ? strlen(text) : 0 };
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

/* Whether bytes are one of the words, which have single spaces between them. */
static inline bool bytes_are_one_of(struct bytes bytes, const char *words)
{
    for (size_t size; *words != '\0'; words += size + (words[size] == ' ')) {
        size = strcspn(words, " ");
        if (bytes_equal(bytes, (struct bytes) { words, size }))
            return true;
    }
    return false;
}

#endif
