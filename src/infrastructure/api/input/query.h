/*
 * query.h - the parameters behind the '?'. Faults name them: {"parameter":"limit","detail":"..."}.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_INPUT_QUERY_H
#define PAYAPI_INFRASTRUCTURE_API_INPUT_QUERY_H

#include "request.h"

#define QUERY_MAX 16

struct query {
    struct query_item {
        const char *name;
        const char *value;              /* decoded; NULL when that is not possible */
    } items[QUERY_MAX];
    int count;
};

/*
 * 422 for a name that is not among the allowed ones (separated by blanks), that comes twice, or
 * whose value has a broken escape or a control byte; 400 for too many, and for what is not UTF-8.
 * allowed NULL: nothing is read.
 */
const struct problem *query_read(struct ctx *ctx, const struct request *request,
                                 const char *allowed, struct query *query_out);

/* Notes a fault of the parameter in *problem, which is made when it is NULL. */
void query_fault(struct arena *arena, struct problem **problem, const char *name,
                 const char *detail);

/* The value, or NULL. */
const char *query_find(const struct query *query, const char *name);

/* A whole number min..max; false when it is none. */
MUST_CHECK bool query_number(const char *value, int64_t min, int64_t max, int64_t *number_out);

#endif
