/* character.h - characters of UTF-8. */
#ifndef PAYAPI_BASE_CHARACTER_H
#define PAYAPI_BASE_CHARACTER_H

#include <stddef.h>

/*
 * Bytes of the character that a text with a NUL begins with, or 0. Source: Unicode 15, table 3-7.
 */
size_t character_size(const char *text);

#endif
