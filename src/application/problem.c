/* Makes problems, and adds causes, fields and numbers to them. */
#include "application/problem.h"

#include <assert.h>

const struct problem_kind *problem_kind(enum problem_type type)
{
    static const struct problem_kind kinds[PROBLEM_TYPE_COUNT] = {
#define PROBLEM(name, http_status, slug, title, help) \
        [PROBLEM_##name] = { (http_status), (slug), (title) },
#include "application/problems.def"
#undef PROBLEM
    };

    return &kinds[type];
}

/* Decides by status, except for types whose status says too little. */
bool problem_is_retryable(enum problem_type type)
{
    int http_status = problem_kind(type)->http_status;

    if (type == PROBLEM_PROVIDER_REJECTED_REQUEST || type == PROBLEM_PROVIDER_MISCONFIGURED)
        return false;                           /* the operator has to act */
    return type == PROBLEM_REQUEST_IN_PROGRESS || http_status == 408 || http_status == 429
        || http_status >= 500;
}

struct problem *problem_new(struct arena *arena, enum problem_type type, const char *detail, ...)
{
    struct problem *problem = arena_alloc(arena, sizeof(*problem));
    va_list args;

    va_start(args, detail);
    problem->type = type;
    problem->detail = arena_vprintf(arena, detail, args);
    va_end(args);
    return problem;
}

struct problem *problem_because(struct arena *arena, struct problem *problem, const char *cause,
                                ...)
{
    va_list args;

    va_start(args, cause);
    problem->cause = arena_vprintf(arena, cause, args);
    va_end(args);
    return problem;
}

static void add(struct problem *problem, struct problem_field field)
{
    if (problem->field_count < PROBLEM_FIELDS_MAX)
        problem->fields[problem->field_count++] = field;
}

void problem_add_field(struct arena *arena, struct problem *problem, const char *pointer,
                       const char *detail, ...)
{
    va_list args;

    va_start(args, detail);
    add(problem, (struct problem_field) { .pointer = arena_strdup(arena, pointer),
                                          .detail = arena_vprintf(arena, detail, args) });
    va_end(args);
}

void problem_add_parameter(struct arena *arena, struct problem *problem, const char *parameter,
                           const char *detail)
{
    add(problem, (struct problem_field) { .parameter = arena_strdup(arena, parameter),
                                          .detail = arena_strdup(arena, detail) });
}

void problem_add_number(struct problem *problem, const char *name, int64_t value)
{
    assert(problem->number_count < PROBLEM_NUMBERS_MAX);
    problem->numbers[problem->number_count++] = (struct problem_number) { name, value };
}
