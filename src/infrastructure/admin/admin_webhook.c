#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "application/queries.h"
#include "infrastructure/admin/admin_store.h"
#include "infrastructure/api/webhook_event_json.h"

#define BATCH 100

/* --- list [--status STATUS] [--provider NAME] [--type TYPE] [--payment PAYMENT] -------------- */

/* One JSON object a line, newest first. */
static const struct problem *print_events(struct ctx *ctx, struct webhook_event_query *query)
{
    struct webhook_event_page page;

    query->limit = BATCH;
    do {
        TRY(list_webhook_events(ctx, query, &page));
        for (int i = 0; i < page.count; i++) {
            struct text text = text_new(ctx->arena);

            webhook_event_json(&text, &page.events[i]);
            puts(text.data);
        }
        if (page.count > 0)
            query->after_id = page.events[page.count - 1].inbox_id;
    } while (page.more);
    return OK;
}

static int list(struct admin *admin, int argc, char **argv)
{
    static const struct option known[] = {
        { "status", required_argument, NULL, 's' },   { "provider", required_argument, NULL, 'p' },
        { "type", required_argument, NULL, 't' },     { "payment", required_argument, NULL, 'i' },
        { NULL, 0, NULL, 0 },
    };
    struct webhook_event_query query = { .limit = 0 };
    struct admin_session session;
    int option, status;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
        switch (option) {
        case 's': query.status = optarg; break;
        case 'p': query.provider = optarg; break;
        case 't': query.type = optarg; break;
        case 'i': query.payment_id = optarg; break;
        default:  return admin_misused("webhook list takes --status, --provider, --type, --payment");
        }
    if (optind != argc)
        return admin_misused("webhook list takes --status, --provider, --type, --payment");
    status = admin_open(admin, &session);
    return status == EX_OK ? admin_report(print_events(&session.ctx, &query)) : status;
}

/* --- show ID --------------------------------------------------------------------------------- */

static const struct problem *print_event(struct ctx *ctx, const char *id)
{
    struct webhook_event_details *details = arena_alloc(ctx->arena, sizeof(*details));
    struct text text = text_new(ctx->arena);

    TRY(get_webhook_event(ctx, id, details));
    webhook_event_details_json(&text, details);
    puts(text.data);
    return OK;
}

static int show(struct admin *admin, int argc, char **argv)
{
    struct admin_session session;
    int status;

    if (argc != 2)
        return admin_misused("webhook show needs the id of an event");
    status = admin_open(admin, &session);
    return status == EX_OK ? admin_report(print_event(&session.ctx, argv[1])) : status;
}

/* --- replay [--dry-run] ID ------------------------------------------------------------------- */

static const struct problem *print_effect(struct ctx *ctx, const char *id)
{
    struct webhook_trial *trial = arena_alloc(ctx->arena, sizeof(*trial));
    struct text text = text_new(ctx->arena);

    TRY(try_webhook(ctx, id, trial));
    webhook_trial_json(&text, id, trial);
    puts(text.data);
    return OK;
}

static const struct problem *replay_and_print(struct ctx *ctx, const char *id)
{
    enum webhook_outcome outcome;

    TRY(replay_webhook(ctx, id, &outcome));
    return print_event(ctx, id);
}

static int replay(struct admin *admin, int argc, char **argv)
{
    static const struct option known[] = {
        { "dry-run", no_argument, NULL, 'n' }, { NULL, 0, NULL, 0 },
    };
    struct admin_session session;
    bool dry_run = false;
    int option, status;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option != 'n')
            return admin_misused("webhook replay takes --dry-run");
        dry_run = true;
    }
    if (optind != argc - 1)
        return admin_misused("webhook replay needs the id of an event");
    status = admin_open_providers(admin, &session);
    if (status != EX_OK)
        return status;
    return admin_report(dry_run ? print_effect(&session.ctx, argv[optind])
                                : replay_and_print(&session.ctx, argv[optind]));
}

int admin_webhook(struct admin *admin, int argc, char **argv)
{
    static const struct {
        const char *name;
        int       (*run)(struct admin *admin, int argc, char **argv);
    } verbs[] = { { "list", list }, { "show", show }, { "replay", replay } };

    for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(admin, argc - 1, argv + 1);
    return admin_misused("webhook is followed by list, show or replay");
}
