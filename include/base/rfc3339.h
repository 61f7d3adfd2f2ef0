/*
 * rfc3339.h - prints a moment as answers and log lines show it.
 */
#ifndef PAYAPI_BASE_RFC3339_H
#define PAYAPI_BASE_RFC3339_H

#include <stdint.h>

#include "base/arena.h"

#define RFC3339_TEXT_MAX sizeof("2026-01-31T23:59:59.999Z")

/*
 * UTC to the millisecond (RFC 3339 section 5.6); at_ms are Unix milliseconds of the years 0 to
 * 9999.
 */
void rfc3339_print(int64_t at_ms, char text_out[static RFC3339_TEXT_MAX]);
/* The same in the arena. */
char *rfc3339_text(struct arena *arena, int64_t at_ms);

#endif
