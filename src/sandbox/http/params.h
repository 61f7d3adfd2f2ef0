/*
 * params.h - which parameters an operation takes, and of what type.
 *
 * A table lists patterns in the form of url_form.h ("line_items[][quantity]"). Anything else is
 * unknown: a request with an unknown parameter is refused as a whole.
 */
#ifndef PAYAPI_SANDBOX_HTTP_PARAMS_H
#define PAYAPI_SANDBOX_HTTP_PARAMS_H

#include <stdint.h>

#include "url_form.h"

#define PARAM_STRING_LENGTH_MAX   5000
#define METADATA_KEYS_MAX         50
#define METADATA_KEY_LENGTH_MAX   40
#define METADATA_VALUE_LENGTH_MAX 500

enum param_type {
    PARAM_STRING,
    PARAM_INTEGER,              /* decimal, fits 18 digits */
    PARAM_BOOLEAN,              /* true or false */
    PARAM_NUMBER,               /* decimal with an optional fraction */
    PARAM_ENUM,                 /* one of values, "a|b|c" */
    PARAM_MAP,                  /* any keys below it, such as metadata[order_id] */
};

struct param {
    const char     *pattern;
    enum param_type type;
    const char     *values;     /* of PARAM_ENUM; of PARAM_STRING: unknown from this version on */
};

/* Rows sorted by pattern (strcmp). */
struct param_table {
    const struct param *rows;
    size_t              count;
};

/* Why a form was refused. */
struct param_error {
    const char *code;           /* static; NULL when the provider gives none */
    char        param[200];
    char        message[400];
};

/* True when each field is listed and of its type. version is "YYYY-MM-DD" or longer. */
bool params_check(const struct param_table *table, const struct url_form *form, const char *version,
                  struct param_error *error_out);

/* A decimal integer of at most 18 digits. */
bool params_read_integer(const char *value, int64_t *number_out);

#endif
