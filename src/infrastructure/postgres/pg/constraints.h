/*
 * constraints.h - what it means when the schema refuses, by the constraint's name.
 *
 * Only constraints that a client or a rival can run into are listed. Every other one is a promise
 * of the domain: its violation is an internal error, with the name in the log.
 */
#ifndef PAYAPI_INFRASTRUCTURE_POSTGRES_PG_CONSTRAINTS_H
#define PAYAPI_INFRASTRUCTURE_POSTGRES_PG_CONSTRAINTS_H

#include "application/problem.h"

struct pg_constraint {
    const char       *name;
    enum problem_type type;
    const char       *detail;
    bool              repeatable;       /* run again, the transaction meets what the rival left */
};

/* NULL: not listed. */
const struct pg_constraint *constraint_find(const char *name);

#endif
