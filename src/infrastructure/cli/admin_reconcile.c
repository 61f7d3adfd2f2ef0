/* payapi-admin reconcile: shows comparisons with the providers' lists and explains findings. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin_store.h"
#include "application/commands.h"
#include "application/queries.h"
#include "application/reconcile.h"
#include "domain/moment.h"
#include "infrastructure/api/output/reconciliation_json.h"
#include "infrastructure/clock.h"

#define DAYS_MAX 366

/* --- Saying it ----------------------------------------------------------------------------- */

/* "99.99 USD", or "nothing". */
static const char *side_text(struct arena *arena, const struct book_entry *entry)
{
    char decimal[MONEY_TEXT_MAX];

    if (entry->ref[0] == '\0')
        return "nothing";
    money_print_decimal(entry->moved, decimal);
    return arena_printf(arena, "%s %s", decimal, entry->moved.currency);
}

static void say_finding(struct ctx *ctx, const struct finding *finding)
{
    printf("  %lld %-9s %-14s %s %s: ours %s, theirs %s", (long long) finding->number,
           finding_state_name(finding->state), book_difference_name(finding->kind),
           book_object_name(finding->object), finding->ref,
           side_text(ctx->arena, &finding->ours), side_text(ctx->arena, &finding->theirs));
    if (finding->owner.payment_id.text[0] != '\0')
        printf(", payment %s", finding->owner.payment_id.text);
    printf(" (%s)\n", finding->note);
}

static const struct problem *say_findings(struct ctx *ctx, const struct reconciliation *run)
{
    struct finding *findings;
    int64_t after = 0;
    int count;

    do {
        TRY(list_findings(ctx, run->id, after, &findings, &count));
        for (int i = 0; i < count; i++)
            say_finding(ctx, &findings[i]);
        if (count > 0)
            after = findings[count - 1].number;
    } while (count == FINDINGS_PAGE);
    return OK;
}

static const struct problem *say(struct ctx *ctx, const struct reconciliation *run, bool as_json)
{
    if (as_json) {
        struct text text = text_new(ctx->arena);

        TRY(reconciliation_json_with_findings(ctx, &text, run));
        puts(text.data);
        return OK;
    }
    printf("%s %s: %s, %lld compared, %lld of others, %lld unreadable, %lld open, %lld healed,"
           " %lld explained%s%s\n", day_text(ctx->arena, run->day_ms), run->provider,
           reconcile_state_name(run->state), (long long) run->compared, (long long) run->foreigners,
           (long long) run->unreadable, (long long) run->open, (long long) run->healed,
           (long long) run->explained, run->error[0] != '\0' ? ": " : "", run->error);
    return say_findings(ctx, run);
}

/* --- A day --------------------------------------------------------------------------------- */

struct span {
    int64_t     from_ms, to_ms;         /* both days included */
    const char *provider;               /* NULL: all that are configured */
    bool        as_json;
    bool        all_well;               /* every day is through, and nothing is open */
};

static const struct problem *busy(struct ctx *ctx, const struct provider *provider, int64_t day_ms)
{
    return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                       "%s of %s is being compared by somebody else: try again in two minutes.",
                       day_text(ctx->arena, day_ms), provider->name);
}

/* Turn by turn, each with memory of its own: a day may have any number of pages. */
static const struct problem *run_turns(struct admin_session *session,
                                       const struct provider *provider, int64_t day_ms,
                                       struct reconciliation *run_out)
{
    enum reconcile_result result = RECONCILE_GOES_ON;

    for (bool restart = true; result == RECONCILE_GOES_ON; restart = false) {
        struct ctx turn = session->ctx;
        const struct problem *problem;

        turn.arena = arena_new();
        turn.now_ms = clock_now_ms();
        problem = reconcile_day(&turn, provider, day_ms, restart, run_out, &result);
        if (problem != OK)
            problem = problem_because(session->ctx.arena,
                                      problem_new(session->ctx.arena, problem->type, "%s",
                                                  problem->detail),
                                      "%s", problem->cause != NULL ? problem->cause : "");
        arena_free(turn.arena);
        TRY(problem);
    }
    return result == RECONCILE_NOT_DUE ? busy(&session->ctx, provider, day_ms) : OK;
}

static const struct problem *run_span(struct admin_session *session, struct span *span)
{
    for (int64_t day_ms = span->from_ms; day_ms <= span->to_ms; day_ms += DAY_MS)
        for (int i = 0; session->providers[i] != NULL; i++) {
            const struct provider *provider = session->providers[i];
            struct reconciliation run;

            if (provider->write_list_book == NULL
                || (span->provider != NULL && strcmp(span->provider, provider->name) != 0))
                continue;
            TRY(run_turns(session, provider, day_ms, &run));
            TRY(say(&session->ctx, &run, span->as_json));
            span->all_well &= run.state == RECONCILE_DONE && run.open == 0;
        }
    return OK;
}

static int reconcile_span(struct admin *admin, struct span *span)
{
    struct admin_session session;
    int status = admin_open_providers(admin, &session);

    if (status != EX_OK)
        return status;
    if (span->provider != NULL && ctx_find_provider(&session.ctx, span->provider) == NULL) {
        fprintf(stderr, "payapi-admin: provider '%s' is not configured\n", span->provider);
        return ADMIN_FAILED;
    }
    status = admin_report(run_span(&session, span));
    return status != EX_OK ? status : span->all_well ? EX_OK : ADMIN_FAILED;
}

/* --- The command line ---------------------------------------------------------------------- */

static bool read_day(struct arena *arena, const char *text, int64_t *day_ms_out)
{
    return moment_parse(arena_printf(arena, "%sT00:00:00Z", text), day_ms_out);
}

static int reconcile(struct admin *admin, int argc, char **argv)
{
    const int64_t now_ms = clock_now_ms();
    const int64_t yesterday_ms = now_ms - now_ms % DAY_MS - DAY_MS;
    struct span span = { .from_ms = -1, .to_ms = -1, .all_well = true };
    int option;

    while ((option = command_line_next(&admin->line, argc, argv)) != -1) {
        int64_t *day_ms = option == 'f' ? &span.from_ms : &span.to_ms;

        if (option == 'p')
            span.provider = optarg;
        else if (option == 'j')
            span.as_json = true;
        else if (!read_day(admin->arena, optarg, day_ms))
            command_line_misused(&admin->line, "'%s' is not a day: write 2026-11-30", optarg);
    }
    command_line_end(&admin->line, argc, argv);
    if (span.to_ms < 0)
        span.to_ms = span.from_ms < 0 ? yesterday_ms : span.from_ms;
    if (span.from_ms < 0)
        span.from_ms = span.to_ms;
    if (span.from_ms > span.to_ms || (span.to_ms - span.from_ms) / DAY_MS >= DAYS_MAX)
        command_line_misused(&admin->line,
                             "--from must not be after --to, nor more than a year before");
    return reconcile_span(admin, &span);
}

static const struct option reconcile_options[] = {
    { "from", required_argument, NULL, 'f' },     { "to", required_argument, NULL, 't' },
    { "provider", required_argument, NULL, 'p' }, { "json", no_argument, NULL, 'j' },
    { NULL, 0, NULL, 0 },
};

const struct admin_command admin_reconcile = {
    .name = "reconcile",
    .arguments = "[--from DAY] [--to DAY] [--provider NAME] [--json]",
    .summary = "Compare the books with the provider's own lists, and heal what is provably ours.",
    .explanation =
        "  --from DAY       first day, in UTC, as 2026-11-30; default: that of --to\n"
        "  --to DAY         last day; default: that of --from, else yesterday\n"
        "  --provider NAME  one of:"
#define PROVIDER(id, name, ...) " " #name
#include "application/providers.def"
        "; default: all that are configured\n"
        "  --json           one JSON object a day, with its findings\n",
    .options = reconcile_options,
    .run = reconcile,
};

/* --- explain FINDING --reason TEXT ----------------------------------------------------------- */

static bool read_number(const char *text, int64_t *number_out)
{
    char *end;

    errno = 0;
    *number_out = strtoll(text, &end, 10);
    return errno == 0 && *text != '\0' && *end == '\0' && *number_out > 0;
}

static int explain_with(struct admin *admin, const struct explain_finding *command)
{
    struct admin_session session;
    int status = admin_open(admin, &session);

    return status == EX_OK ? admin_report(explain_finding(&session.ctx, command)) : status;
}

static int explain(struct admin *admin, int argc, char **argv)
{
    struct explain_finding command = { .reason = "" };
    const char *number;

    while (command_line_next(&admin->line, argc, argv) != -1)
        command.reason = optarg;
    number = command_line_argument(&admin->line, argc, argv, "FINDING");
    if (!read_number(number, &command.number))
        command_line_misused(&admin->line, "'%s' is not the number of a finding", number);
    if (*command.reason == '\0')
        command_line_misused(&admin->line, "--reason TEXT is missing");
    if (strlen(command.reason) > FINDING_REASON_MAX)
        command_line_misused(&admin->line, "--reason is too long");
    return explain_with(admin, &command);
}

static const struct option explain_options[] = {
    { "reason", required_argument, NULL, 'r' }, { NULL, 0, NULL, 0 },
};

const struct admin_command admin_reconcile_explain = {
    .name = "reconcile explain",
    .arguments = "--reason TEXT FINDING",
    .summary = "Mark a finding as explained: the books may differ, and nobody is alerted.",
    .explanation =
        "  FINDING        the number that reconcile prints\n"
        "  --reason TEXT  kept in the audit log for ever: no personal data\n",
    .options = explain_options,
    .run = explain,
};
