/* character.h - characters of UTF-8. */
#ifndef PAYAPI_BASE_CHARACTER_H
#define PAYAPI_BASE_CHARACTER_H

#include <stddef.h>

/*
 * The size in bytes of the character at the start of a NUL-terminated text; 0: it is not UTF-8.
 * Source: Unicode 15, table 3-7.
 */
size_t character_size(const char *text);

#endif
