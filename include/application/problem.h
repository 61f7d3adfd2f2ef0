/*
 * problem.h - what went wrong, for the client and for the log (RFC 9457).
 *
 * From the application outwards a function that can fail returns a problem; OK (NULL) is success.
 * The catalogue is problems.def. A problem lives in the request's arena.
 */
#ifndef PAYAPI_APPLICATION_PROBLEM_H
#define PAYAPI_APPLICATION_PROBLEM_H

#include <stdint.h>

#include "base/arena.h"

enum problem_type {
#define PROBLEM(name, http_status, slug, title, help) PROBLEM_##name,
#include "application/problems.def"
#undef PROBLEM
    PROBLEM_TYPE_COUNT
};

struct problem_kind {
    int         http_status;
    const char *slug;
    const char *title;
};

struct problem_field {
    const char *pointer;        /* of a member: RFC 6901 as URI fragment, "#/amount"; or NULL */
    const char *parameter;      /* of the query: "limit"; or NULL */
    const char *detail;
};

/* An extra member, for programs: {"refundableMinor":2500}. */
struct problem_number {
    const char *name;           /* static */
    int64_t     value;
};

#define PROBLEM_FIELDS_MAX  16
#define PROBLEM_NUMBERS_MAX 2

struct problem {
    enum problem_type    type;
    const char          *detail;        /* for the client: says what to do, leaks nothing */
    const char          *cause;         /* for our log only: SQLSTATE, curl error; may be NULL */
    struct problem_field fields[PROBLEM_FIELDS_MAX];
    int                  field_count;
    struct problem_number numbers[PROBLEM_NUMBERS_MAX];     /* the deciding ones */
    int                  number_count;
    int                  retry_after_s; /* 0: no Retry-After of its own */
    /* payment-failed: the provider's code, as extension; or NULL */
    const char          *failure_code;
    bool                 repeatable;    /* the transaction may simply be run again */
    bool                 in_doubt;      /* COMMIT had no answer and may have taken effect */
};

#define OK NULL
/* The only macro that hides a return. */
#define TRY(call) \
    do { \
        const struct problem *problem_of_try = (call); \
        if (problem_of_try != OK) \
            return problem_of_try; \
    } while (0)

const struct problem_kind *problem_kind(enum problem_type type);
/*
 * True when the same request (a command with its Idempotency-Key) may be sent again unchanged and
 * may then succeed. False: something has to change first.
 */
bool problem_is_retryable(enum problem_type type);

struct problem *problem_new(struct arena *arena, enum problem_type type, const char *detail, ...)
    __attribute__((format(printf, 3, 4), returns_nonnull));
/* Same problem, with the cause for the log. */
struct problem *problem_because(struct arena *arena, struct problem *problem, const char *cause,
                                ...) __attribute__((format(printf, 3, 4), returns_nonnull));
/* Points at one more member of the request; those beyond PROBLEM_FIELDS_MAX are left out. */
void problem_add_field(struct arena *arena, struct problem *problem, const char *pointer,
                       const char *detail, ...) __attribute__((format(printf, 4, 5)));
/* The same for a parameter of the query. */
void problem_add_parameter(struct arena *arena, struct problem *problem, const char *parameter,
                           const char *detail);
/* At most PROBLEM_NUMBERS_MAX. */
void problem_add_number(struct problem *problem, const char *name, int64_t value);

#endif
