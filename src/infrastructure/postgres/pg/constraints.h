/*
 * constraints.h - maps the name of a violated constraint to a problem.
 *
 * Lists only the constraints that a client or a concurrent request can violate. The domain keeps
 * all the others: violating one is an internal error, logged with the constraint's name.
 */
#ifndef PAYAPI_INFRASTRUCTURE_POSTGRES_PG_CONSTRAINTS_H
#define PAYAPI_INFRASTRUCTURE_POSTGRES_PG_CONSTRAINTS_H

#include "application/problem.h"

struct pg_constraint {
    const char       *name;
    enum problem_type type;
    const char       *detail;
    bool              repeatable;       /* a repeat sees what the rival committed */
};

/* NULL: not listed. */
const struct pg_constraint *constraint_find(const char *name);

#endif
