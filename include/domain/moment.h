/*
 * moment.h - a point in time as clients write it (RFC 3339 section 5.6).
 */
#ifndef PAYAPI_DOMAIN_MOMENT_H
#define PAYAPI_DOMAIN_MOMENT_H

#include <stdint.h>

#include "base/bytes.h"

#define MOMENT_MS_MAX INT64_C(253402300799999)  /* the last moment of the year 9999 */

/*
 * Reads "2026-11-23T09:15:27Z", with 1 to 9 decimals of a second or none, with Z or +hh:mm. Years
 * 1970 to 9999; a leap second counts as the following second; digits beyond milliseconds are
 * dropped.
 */
MUST_CHECK bool moment_parse(const char *text, int64_t *at_ms_out);

#endif
