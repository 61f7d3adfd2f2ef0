/* hex.h - bytes as lower case hex digits. */
#ifndef PAYAPI_BASE_HEX_H
#define PAYAPI_BASE_HEX_H

#include "base/arena.h"

/* 2 * size digits, in the arena. */
const char *hex_text(struct arena *arena, const unsigned char *bytes, size_t size);
/*
 * Reads exactly size bytes from 2 * size lower case digits; otherwise returns false, and bytes_out
 * may be half written.
 */
MUST_CHECK bool hex_parse(const char *text, unsigned char *bytes_out, size_t size);

#endif
