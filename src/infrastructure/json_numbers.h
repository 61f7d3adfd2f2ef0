/*
 * json_numbers.h - keeps the numbers of a JSON text as text.
 *
 * A JSON library turns 99.99 into a double, and money must never be one. So before the library
 * sees the bytes, each number is replaced by its place in a table: {"amount":99.99,"n":[7]} becomes
 * {"amount":0,"n":[1]} with the table "99.99", "7". The same pass limits the depth, which protects
 * everything after it. Strings pass untouched; the library decides whether the rest is JSON.
 */
#ifndef PAYAPI_INFRASTRUCTURE_JSON_NUMBERS_H
#define PAYAPI_INFRASTRUCTURE_JSON_NUMBERS_H

#include "base/text.h"

#define JSON_DEPTH_MAX 16

struct json_numbers {
    struct bytes *raw;                  /* borrowed from the scanned bytes */
    size_t        count;
    size_t        capacity;
};

enum json_scan {
    JSON_SCAN_OK,
    JSON_SCAN_TOO_DEEP,
    JSON_SCAN_BAD_NUMBER                /* 01, 1., .5, +1, 1e, 1-2 */
};

MUST_CHECK enum json_scan json_numbers_extract(struct arena *arena, struct bytes json,
                                               struct text *without_out,
                                               struct json_numbers *numbers_out);

#endif
