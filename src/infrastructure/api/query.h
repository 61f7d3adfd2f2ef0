/*
 * query.h - the parameters behind the '?'. Faults point at them like at members: "#/limit".
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_QUERY_H
#define PAYAPI_INFRASTRUCTURE_API_QUERY_H

#include "infrastructure/api/request.h"

#define QUERY_MAX 16

struct query {
    struct { const char *name, *value; } items[QUERY_MAX];      /* decoded */
    int count;
};

/*
 * 400 when an escape is broken or stands for a control byte; 422 for a name that is not among the
 * allowed ones (separated by blanks; NULL allows all) or comes twice.
 */
const struct problem *query_read(struct ctx *ctx, const struct request *request,
                                 const char *allowed, struct query *query_out);

/* The value, or NULL. */
const char *query_find(const struct query *query, const char *name);

/* A whole number min..max; false when it is none. */
MUST_CHECK bool query_number(const char *value, int64_t min, int64_t max, int64_t *number_out);

#endif
