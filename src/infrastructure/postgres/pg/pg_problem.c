/* From SQLSTATE and constraint to a problem. */
#include "pg.h"

#include <string.h>

#include "constraints.h"
#include "infrastructure/clock.h"

#define RETRY_AFTER_S 2

/* What the server's errors mean. The first prefix that matches counts. */
static const struct {
    const char       *sqlstate;
    enum problem_type type;
    bool              repeatable;
    bool              refuses_writes;       /* any write, not just this one */
} meanings[] = {
    { "40001", PROBLEM_DATABASE_UNAVAILABLE, true, false },     /* serialization failure */
    { "40P01", PROBLEM_DATABASE_UNAVAILABLE, true, false },     /* deadlock: we were chosen */
    { "55P03", PROBLEM_DATABASE_UNAVAILABLE, true, false },     /* lock_timeout */
    { "PA001", PROBLEM_REQUEST_IN_PROGRESS,  true, false },     /* fence: somebody else took over */
    { "57014", PROBLEM_DATABASE_UNAVAILABLE, false, false },    /* statement_timeout */
    { "57P0",  PROBLEM_DATABASE_UNAVAILABLE, true, false },     /* stopping, crashed, starting */
    { "53",    PROBLEM_DATABASE_UNAVAILABLE, false, true },     /* disk full, memory, connections */
    { "58",    PROBLEM_DATABASE_UNAVAILABLE, false, true },     /* the server's own I/O errors */
    { "25006", PROBLEM_DATABASE_UNAVAILABLE, true, true },      /* read-only: another host writes */
    { "0A000", PROBLEM_DATABASE_UNAVAILABLE, true, false },     /* a standby; another row type */
    { "26000", PROBLEM_DATABASE_UNAVAILABLE, true, false },     /* not prepared any more */
    { "08",    PROBLEM_DATABASE_UNAVAILABLE, true, false },     /* connection */
};

static const char *const details[PROBLEM_TYPE_COUNT] = {
    [PROBLEM_DATABASE_UNAVAILABLE] = "The database cannot do this now.",
    [PROBLEM_REQUEST_IN_PROGRESS]  = "Another request works on the same thing.",
    [PROBLEM_INTERNAL]             = "Something is wrong on our side.",
};

/* Errors that the same session would meet again: pg_is_usable then returns false. */
static const char *const stale_session[] = { "25006", "0A000", "26000" };

static const char *field(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);

    return text != NULL ? text : "";
}

/* For the log. Leaves out the server's DETAIL: it quotes values, personal data among them. */
static struct problem *with_cause(struct ctx *ctx, struct problem *problem,
                                  const struct pg_statement *statement, const PGresult *result)
{
    return problem_because(ctx->arena, problem, "%s: %s %s %s", statement->name,
                           field(result, PG_DIAG_SQLSTATE),
                           field(result, PG_DIAG_MESSAGE_PRIMARY),
                           field(result, PG_DIAG_CONSTRAINT_NAME));
}

static void note_refusal(struct store *store)
{
    if (store->settings.news != NULL)
        store->settings.news->refused_at_ms = clock_monotonic_ms();
}

void pg_note_write(struct store *store)
{
    if (store->settings.news != NULL)
        store->settings.news->refused_at_ms = 0;
}

static struct problem *of_sqlstate(struct ctx *ctx, const char *sqlstate)
{
    struct problem *problem;

    for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
        if (strncmp(sqlstate, meanings[i].sqlstate, strlen(meanings[i].sqlstate)) != 0)
            continue;
        problem = problem_new(ctx->arena, meanings[i].type, "%s", details[meanings[i].type]);
        problem->repeatable = meanings[i].repeatable;
        problem->retry_after_s = RETRY_AFTER_S;
        if (meanings[i].refuses_writes)
            note_refusal(ctx->store);
        return problem;
    }
    return problem_new(ctx->arena, PROBLEM_INTERNAL, "%s", details[PROBLEM_INTERNAL]);
}

static struct problem *of_constraint(struct ctx *ctx, const struct pg_constraint *constraint)
{
    struct problem *problem = problem_new(ctx->arena, constraint->type, "%s", constraint->detail);

    problem->repeatable = constraint->repeatable;
    return problem;
}

struct problem *pg_problem_of(struct ctx *ctx, const struct pg_statement *statement,
                              const PGresult *result)
{
    const struct pg_constraint *constraint =
        constraint_find(field(result, PG_DIAG_CONSTRAINT_NAME));
    struct problem *problem = constraint != NULL
        ? of_constraint(ctx, constraint)
        : of_sqlstate(ctx, field(result, PG_DIAG_SQLSTATE));

    return with_cause(ctx, problem, statement, result);
}

bool pg_wants_new_connection(const PGresult *refusal)
{
    for (size_t i = 0; i < sizeof(stale_session) / sizeof(stale_session[0]); i++)
        if (strcmp(field(refusal, PG_DIAG_SQLSTATE), stale_session[i]) == 0)
            return true;
    return false;
}

struct problem *pg_problem_unavailable(struct ctx *ctx, bool repeatable, const char *cause)
{
    struct problem *problem = problem_new(ctx->arena, PROBLEM_DATABASE_UNAVAILABLE, "%s",
                                          details[PROBLEM_DATABASE_UNAVAILABLE]);

    problem->repeatable = repeatable;
    problem->retry_after_s = RETRY_AFTER_S;
    return problem_because(ctx->arena, problem, "%.*s", (int) strcspn(cause, "\n"), cause);
}
