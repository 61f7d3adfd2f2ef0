/*
 * utf8.h - well-formedness and length of UTF-8 (RFC 3629).
 */
#ifndef PAYAPI_SANDBOX_KIT_UTF8_H
#define PAYAPI_SANDBOX_KIT_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* No overlong forms, no surrogates, nothing above U+10FFFF. */
bool utf8_is_valid(const char *bytes, size_t count);

/* Code points in a valid text. */
size_t utf8_length(const char *text);

#endif
