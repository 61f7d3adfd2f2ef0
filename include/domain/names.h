/*
 * names.h - turns a name into its enum constant: a table of names, indexed by the enum.
 */
#ifndef PAYAPI_DOMAIN_NAMES_H
#define PAYAPI_DOMAIN_NAMES_H

#include <stddef.h>
#include <string.h>

#define NAME_COUNT(names) (sizeof(names) / sizeof((names)[0]))

/* The index of exactly that name, or count. NULL matches nothing. */
static inline size_t name_index(const char *const names[], size_t count, const char *name)
{
    for (size_t i = 0; i < count && name != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return count;
}

#endif
