/* payapi-admin webhook: lists and shows events of the inbox and replays them. */
#include <stdio.h>
#include <sysexits.h>

#include "admin_store.h"
#include "application/provider.h"
#include "application/queries.h"
#include "infrastructure/api/output/webhook_event_json.h"

#define BATCH    100
#define STATUSES "received processed ignored dead"

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
    struct webhook_event_query query = { .limit = 0 };
    struct admin_session session;
    int option, status;

    while ((option = command_line_next(&admin->line, argc, argv)) != -1)
        switch (option) {
        case 's': query.status = command_line_word(&admin->line, "--status", STATUSES); break;
        case 'p':
            query.provider = command_line_word(&admin->line, "--provider", provider_names());
            break;
        case 't': query.type = optarg; break;
        case 'i': query.payment_id = optarg; break;
        }
    command_line_end(&admin->line, argc, argv);
    status = admin_open(admin, &session);
    return status == EX_OK ? admin_report(print_events(&session.ctx, &query)) : status;
}

static const struct option list_options[] = {
    { "status", required_argument, NULL, 's' },   { "provider", required_argument, NULL, 'p' },
    { "type", required_argument, NULL, 't' },     { "payment", required_argument, NULL, 'i' },
    { NULL, 0, NULL, 0 },
};

const struct admin_command admin_webhook_list = {
    .name = "webhook list",
    .arguments = "[--status STATUS] [--provider NAME] [--type TYPE] [--payment PAYMENT]",
    .summary = "Print events that came in, newest first, one JSON object per line.",
    .explanation =
        "  --status STATUS    only received, processed, ignored or dead ones\n"
        "  --provider NAME    only those of NAME, one of:"
#define PROVIDER(id, name, ...) " " #name
#include "application/providers.def"
        "\n"
        "  --type TYPE        only those of this type, in the provider's words\n"
        "  --payment PAYMENT  only those of this payment\n",
    .options = list_options,
    .run = list,
};

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
    const char *id;
    int status;

    command_line_no_options(&admin->line, argc, argv);
    id = command_line_argument(&admin->line, argc, argv, "EVENT");
    status = admin_open(admin, &session);
    return status == EX_OK ? admin_report(print_event(&session.ctx, id)) : status;
}

const struct admin_command admin_webhook_show = {
    .name = "webhook show",
    .arguments = "EVENT",
    .summary = "Print one event that came in, with its attempts.",
    .explanation = "  EVENT  the id that webhook list prints\n",
    .run = show,
};

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
    struct admin_session session;
    bool dry_run = false;
    const char *id;
    int status;

    while (command_line_next(&admin->line, argc, argv) != -1)
        dry_run = true;
    id = command_line_argument(&admin->line, argc, argv, "EVENT");
    status = admin_open_providers(admin, &session);
    if (status != EX_OK)
        return status;
    return admin_report(dry_run ? print_effect(&session.ctx, id)
                                : replay_and_print(&session.ctx, id));
}

static const struct option replay_options[] = {
    { "dry-run", no_argument, NULL, 'n' }, { NULL, 0, NULL, 0 },
};

const struct admin_command admin_webhook_replay = {
    .name = "webhook replay",
    .arguments = "[--dry-run] EVENT",
    .summary = "Apply an event once more, or show what that would do.",
    .explanation =
        "  EVENT      the id that webhook list prints\n"
        "  --dry-run  change nothing\n",
    .options = replay_options,
    .run = replay,
};
