/* payapi-admin endpoint: the shop's webhook endpoints, and what was sent to them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin_store.h"
#include "application/answer.h"
#include "application/commands.h"
#include "application/queries.h"
#include "domain/moment.h"
#include "infrastructure/api/input/field_forms.h"
#include "infrastructure/api/output/webhook_endpoint_json.h"
#include "infrastructure/webhooks_out/endpoint_url.h"

#define DELIVERIES_AT_ONCE 100

static const struct problem *print(struct bytes json)
{
    printf("%.*s\n", (int) json.size, json.data);
    return OK;
}

/* For those commands that print a secret. */
static int open_with_secrets(struct admin *admin, struct admin_session *session)
{
    int status = admin_open(admin, session);

    if (status != EX_OK || session->settings.webhook_secrets != NULL)
        return status;
    fputs("payapi-admin: WEBHOOK_SIGNING_SECRET is missing: secrets are derived from it\n", stderr);
    return CONFIG_EXIT_STATUS;
}

/* --- create [--event NAME ...] [--description TEXT] URL -------------------------------------- */

static void read_event(struct admin *admin, const char *name, struct webhook_events *events)
{
    if (!webhook_events_add(events, name))
        command_line_misused(&admin->line, "--event: '%s' is not an event", name);
}

static void read_description(struct admin *admin, const char *text,
                             struct create_webhook_endpoint *command)
{
    if (*text == '\0' || strlen(text) >= WEBHOOK_DESCRIPTION_MAX || form_has_control(text))
        command_line_misused(&admin->line, "--description must have 1 to %d bytes",
                             WEBHOOK_DESCRIPTION_MAX - 1);
    command->description = text;
}

static void read_creation(struct admin *admin, int argc, char **argv,
                          struct create_webhook_endpoint *command)
{
    int option;

    while ((option = command_line_next(&admin->line, argc, argv)) != -1)
        if (option == 'e')
            read_event(admin, optarg, &command->events);
        else
            read_description(admin, optarg, command);
    command->url = command_line_argument(&admin->line, argc, argv, "URL");
    if (!command->events.all && command->events.set == 0)
        command->events.all = true;
}

static const struct problem *create_and_print(struct ctx *ctx,
                                              const struct create_webhook_endpoint *command)
{
    const char *fault =
        endpoint_url_fault(ctx->arena, command->url,
                           inner_networks_new(ctx->arena, ctx->settings->webhook_allow_nets));
    struct webhook_endpoint endpoint;

    if (fault != NULL)
        return problem_new(ctx->arena, PROBLEM_VALIDATION_FAILED, "The URL %s.", fault);
    TRY(create_webhook_endpoint(ctx, command, &endpoint));
    return print(webhook_endpoint_json_with_secret(ctx, &endpoint));
}

static int create(struct admin *admin, int argc, char **argv)
{
    struct create_webhook_endpoint command = { .description = "" };
    struct admin_session session;
    int status;

    read_creation(admin, argc, argv, &command);
    status = open_with_secrets(admin, &session);
    return status == EX_OK ? admin_report(create_and_print(&session.ctx, &command)) : status;
}

static const struct option create_options[] = {
    { "event", required_argument, NULL, 'e' }, { "description", required_argument, NULL, 'd' },
    { NULL, 0, NULL, 0 },
};

const struct admin_command admin_endpoint_create = {
    .name = "endpoint create",
    .arguments = "[--event NAME] [--description TEXT] URL",
    .summary = "Register where the shop is told of events, and print its secret, once.",
    .explanation =
        "  URL                 https, and of the public Internet or in WEBHOOK_ALLOW_NETS\n"
        "  --event NAME        like payment.completed, again for each event (default all)\n"
        "  --description TEXT  what it is for\n",
    .options = create_options,
    .run = create,
};

/* --- list ------------------------------------------------------------------------------------ */

static const struct problem *print_endpoints(struct ctx *ctx)
{
    struct webhook_endpoint *endpoints;
    int count;

    TRY(list_webhook_endpoints(ctx, &endpoints, &count));
    for (int i = 0; i < count; i++)
        TRY(print(webhook_endpoint_json(ctx, &endpoints[i])));
    return OK;
}

static int list(struct admin *admin, int argc, char **argv)
{
    struct admin_session session;
    int status;

    command_line_no_options(&admin->line, argc, argv);
    command_line_end(&admin->line, argc, argv);
    status = admin_open(admin, &session);
    return status == EX_OK ? admin_report(print_endpoints(&session.ctx)) : status;
}

const struct admin_command admin_endpoint_list = {
    .name = "endpoint list",
    .arguments = "",
    .summary = "Print the webhook endpoints, oldest first, one JSON object a line.",
    .explanation = "",
    .run = list,
};

/* --- enable, disable, delete, test ENDPOINT --------------------------------------------------- */

typedef const struct problem *endpoint_step(struct ctx *ctx, const char *id);

static const struct problem *set_status(struct ctx *ctx, const char *id,
                                        enum webhook_endpoint_status status)
{
    const struct change_webhook_endpoint command = { .has_status = true, .status = status };
    struct webhook_endpoint endpoint;

    TRY(change_webhook_endpoint(ctx, id, &command, &endpoint));
    return print(webhook_endpoint_json(ctx, &endpoint));
}

static const struct problem *enable_one(struct ctx *ctx, const char *id)
{
    return set_status(ctx, id, ENDPOINT_ENABLED);
}

static const struct problem *disable_one(struct ctx *ctx, const char *id)
{
    return set_status(ctx, id, ENDPOINT_DISABLED);
}

static const struct problem *delete_one(struct ctx *ctx, const char *id)
{
    struct webhook_endpoint endpoint;

    TRY(delete_webhook_endpoint(ctx, id, &endpoint));
    return print(webhook_endpoint_json(ctx, &endpoint));
}

static const struct problem *print_details(struct ctx *ctx, const struct delivery_details *details)
{
    struct text text = text_new(ctx->arena);

    delivery_details_json(&text, details);
    return print(text_bytes(&text));
}

static const struct problem *test_one(struct ctx *ctx, const char *id)
{
    struct delivery_details *details = arena_alloc(ctx->arena, sizeof(*details));

    TRY(test_webhook_endpoint(ctx, id, details));
    return print_details(ctx, details);
}

static const struct problem *resend_one(struct ctx *ctx, const char *id)
{
    struct delivery_details *details = arena_alloc(ctx->arena, sizeof(*details));

    TRY(resend_delivery(ctx, id, details));
    return print_details(ctx, details);
}

static int run_step(struct admin *admin, int argc, char **argv, const char *argument,
                    endpoint_step *step)
{
    struct admin_session session;
    const char *id;
    int status;

    command_line_no_options(&admin->line, argc, argv);
    id = command_line_argument(&admin->line, argc, argv, argument);
    status = admin_open(admin, &session);
    return status == EX_OK ? admin_report(step(&session.ctx, id)) : status;
}

static int enable(struct admin *admin, int argc, char **argv)
{
    return run_step(admin, argc, argv, "ENDPOINT", enable_one);
}

static int disable(struct admin *admin, int argc, char **argv)
{
    return run_step(admin, argc, argv, "ENDPOINT", disable_one);
}

static int delete(struct admin *admin, int argc, char **argv)
{
    return run_step(admin, argc, argv, "ENDPOINT", delete_one);
}

static int test(struct admin *admin, int argc, char **argv)
{
    return run_step(admin, argc, argv, "ENDPOINT", test_one);
}

static int resend(struct admin *admin, int argc, char **argv)
{
    return run_step(admin, argc, argv, "DELIVERY", resend_one);
}

#define ENDPOINT_ARGUMENT "  ENDPOINT  its id, which endpoint list prints\n"

const struct admin_command admin_endpoint_enable = {
    .name = "endpoint enable",
    .arguments = "ENDPOINT",
    .summary = "Send events to a webhook endpoint again, and what waited for it.",
    .explanation = ENDPOINT_ARGUMENT,
    .run = enable,
};

const struct admin_command admin_endpoint_disable = {
    .name = "endpoint disable",
    .arguments = "ENDPOINT",
    .summary = "Send nothing more to a webhook endpoint for now.",
    .explanation = ENDPOINT_ARGUMENT,
    .run = disable,
};

const struct admin_command admin_endpoint_delete = {
    .name = "endpoint delete",
    .arguments = "ENDPOINT",
    .summary = "Delete a webhook endpoint.",
    .explanation = ENDPOINT_ARGUMENT,
    .run = delete,
};

const struct admin_command admin_endpoint_test = {
    .name = "endpoint test",
    .arguments = "ENDPOINT",
    .summary = "Send a test event to a webhook endpoint, and print its delivery.",
    .explanation = ENDPOINT_ARGUMENT,
    .run = test,
};

const struct admin_command admin_endpoint_resend = {
    .name = "endpoint resend",
    .arguments = "DELIVERY",
    .summary = "Send an event to its endpoint once more.",
    .explanation = "  DELIVERY  its id, which endpoint deliveries prints\n",
    .run = resend,
};

/* --- rotate [--overlap SECONDS] ENDPOINT ------------------------------------------------------ */

static int64_t read_overlap(struct admin *admin, const char *text)
{
    char *end;
    long seconds = strtol(text, &end, 10);

    if (*text < '0' || *text > '9' || *end != '\0' || seconds > OVERLAP_S_MAX)
        command_line_misused(&admin->line,
                             "--overlap must be a whole number from 0 to %d, not '%s'",
                             OVERLAP_S_MAX, text);
    return seconds;
}

static const struct problem *rotate_and_print(struct ctx *ctx, const char *id, int64_t overlap_s)
{
    struct webhook_endpoint endpoint;

    TRY(rotate_webhook_secret(ctx, id, overlap_s, &endpoint));
    return print(webhook_endpoint_json_with_secret(ctx, &endpoint));
}

static int rotate(struct admin *admin, int argc, char **argv)
{
    int64_t overlap_s = OVERLAP_S_DEFAULT;
    struct admin_session session;
    const char *id;
    int status;

    while (command_line_next(&admin->line, argc, argv) != -1)
        overlap_s = read_overlap(admin, optarg);
    id = command_line_argument(&admin->line, argc, argv, "ENDPOINT");
    status = open_with_secrets(admin, &session);
    return status == EX_OK ? admin_report(rotate_and_print(&session.ctx, id, overlap_s)) : status;
}

static const struct option rotate_options[] = {
    { "overlap", required_argument, NULL, 'o' }, { NULL, 0, NULL, 0 },
};

const struct admin_command admin_endpoint_rotate = {
    .name = "endpoint rotate",
    .arguments = "[--overlap SECONDS] ENDPOINT",
    .summary = "Make a new secret for a webhook endpoint and print it, once.",
    .explanation = ENDPOINT_ARGUMENT
        "  --overlap SECONDS  how long the former secrets sign too, 0 to 604800 (default 86400)\n",
    .options = rotate_options,
    .run = rotate,
};

/* --- deliveries [--status STATUS] ENDPOINT ---------------------------------------------------- */

/* Newest event first, one JSON object a line. */
static const struct problem *print_deliveries(struct ctx *ctx, const char *id, const char *status)
{
    struct delivery_query query = { .limit = DELIVERIES_AT_ONCE, .status = status };
    struct delivery_page page;

    do {
        TRY(list_deliveries(ctx, id, &query, &page));
        for (int i = 0; i < page.count; i++) {
            struct text text = text_new(ctx->arena);

            delivery_json(&text, &page.deliveries[i]);
            TRY(print(text_bytes(&text)));
        }
        if (page.count > 0)
            query.after_id = page.deliveries[page.count - 1].id;
    } while (page.more);
    return OK;
}

static int deliveries(struct admin *admin, int argc, char **argv)
{
    struct admin_session session;
    const char *id, *word = NULL;
    int status;

    while (command_line_next(&admin->line, argc, argv) != -1)
        word = command_line_word(&admin->line, "--status",
                                 "waiting pending sending delivered failed");
    id = command_line_argument(&admin->line, argc, argv, "ENDPOINT");
    status = admin_open(admin, &session);
    return status == EX_OK ? admin_report(print_deliveries(&session.ctx, id, word)) : status;
}

static const struct option deliveries_options[] = {
    { "status", required_argument, NULL, 's' }, { NULL, 0, NULL, 0 },
};

const struct admin_command admin_endpoint_deliveries = {
    .name = "endpoint deliveries",
    .arguments = "[--status STATUS] ENDPOINT",
    .summary = "Print what was sent to a webhook endpoint, newest event first.",
    .explanation = ENDPOINT_ARGUMENT
        "  --status STATUS  waiting, pending, sending, delivered or failed (default all)\n",
    .options = deliveries_options,
    .run = deliveries,
};

/* --- recover --since TIME [--until TIME] ENDPOINT --------------------------------------------- */

struct span { int64_t since_ms, until_ms; };

static int64_t read_time(struct admin *admin, const char *name, const char *text)
{
    int64_t at_ms;

    if (!moment_parse(text, &at_ms))
        command_line_misused(&admin->line, "--%s must be like 2027-01-31T00:00:00Z, not '%s'", name,
                             text);
    return at_ms;
}

static const struct problem *recover_and_print(struct ctx *ctx, const char *id,
                                               const struct span *span)
{
    struct text text = text_new(ctx->arena);
    struct webhook_recovery recovery;

    TRY(recover_webhooks(ctx, id, span->since_ms, span->until_ms, &recovery));
    recovery_json(&text, &recovery);
    return print(text_bytes(&text));
}

static int recover(struct admin *admin, int argc, char **argv)
{
    struct span span = { 0 };
    struct admin_session session;
    const char *id;
    int option, status;

    while ((option = command_line_next(&admin->line, argc, argv)) != -1)
        if (option == 's')
            span.since_ms = read_time(admin, "since", optarg);
        else
            span.until_ms = read_time(admin, "until", optarg);
    id = command_line_argument(&admin->line, argc, argv, "ENDPOINT");
    if (span.since_ms == 0)
        command_line_misused(&admin->line, "--since TIME is missing");
    status = admin_open(admin, &session);
    return status == EX_OK ? admin_report(recover_and_print(&session.ctx, id, &span)) : status;
}

static const struct option recover_options[] = {
    { "since", required_argument, NULL, 's' }, { "until", required_argument, NULL, 'u' },
    { NULL, 0, NULL, 0 },
};

const struct admin_command admin_endpoint_recover = {
    .name = "endpoint recover",
    .arguments = "--since TIME [--until TIME] ENDPOINT",
    .summary = "Send a webhook endpoint the events that it has not accepted.",
    .explanation = ENDPOINT_ARGUMENT
        "  --since TIME  in the last 14 days, like 2027-01-31T00:00:00Z\n"
        "  --until TIME  not included (default now)\n",
    .options = recover_options,
    .run = recover,
};
