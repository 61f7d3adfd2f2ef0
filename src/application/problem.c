#include "application/problem.h"

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

struct problem *problem_because(struct arena *arena, struct problem *problem, const char *cause, ...)
{
    va_list args;

    va_start(args, cause);
    problem->cause = arena_vprintf(arena, cause, args);
    va_end(args);
    return problem;
}

void problem_add_field(struct arena *arena, struct problem *problem, const char *pointer,
                       const char *detail, ...)
{
    va_list args;

    if (problem->field_count == PROBLEM_FIELDS_MAX)
        return;
    va_start(args, detail);
    problem->fields[problem->field_count++] = (struct problem_field) {
        .pointer = arena_strdup(arena, pointer),
        .detail = arena_vprintf(arena, detail, args),
    };
    va_end(args);
}
