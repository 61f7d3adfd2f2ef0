/* payapi-admin key: makes, lists and revokes the API keys of back ends. */
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin_store.h"
#include "application/commands.h"
#include "application/queries.h"
#include "domain/moment.h"
#include "infrastructure/api/input/field_forms.h"
#include "infrastructure/api/output/api_key_json.h"

/* --- create --name NAME --scope SCOPE ... [--network CIDR ...] [--expires TIME] --------- */

static void read_name(struct admin *admin, const char *text, struct create_api_key *command)
{
    if (*text == '\0' || strlen(text) > API_KEY_NAME_MAX || form_has_control(text))
        command_line_misused(&admin->line, "--name must have 1 to %d bytes", API_KEY_NAME_MAX);
    command->name = text;
}

static void read_scope(struct admin *admin, const char *text, struct create_api_key *command)
{
    enum scope scope;

    if (!scope_parse(text, &scope))
        command_line_misused(&admin->line, "--scope: '%s' is not a scope", text);
    if (!scopes_add(&command->scopes, scope))
        command_line_misused(&admin->line, "--scope %s is given twice", text);
}

static void read_network(struct admin *admin, const char *text, struct create_api_key *command)
{
    if (command->network_count == API_KEY_NETWORKS_MAX)
        command_line_misused(&admin->line, "--network can be given %d times", API_KEY_NETWORKS_MAX);
    if (!network_parse(text, &command->networks[command->network_count++]))
        command_line_misused(&admin->line,
                             "--network must be like 192.0.2.0/24 or 2001:db8::/32, with zeros"
                             " after the prefix, not '%s'", text);
}

static void read_options(struct admin *admin, int argc, char **argv,
                         struct create_api_key *command)
{
    int option;

    while ((option = command_line_next(&admin->line, argc, argv)) != -1)
        switch (option) {
        case 'n': read_name(admin, optarg, command); break;
        case 's': read_scope(admin, optarg, command); break;
        case 'w': read_network(admin, optarg, command); break;
        case 'e':
            if (!moment_parse(optarg, &command->expires_at_ms))
                command_line_misused(&admin->line,
                                     "--expires must be like 2027-01-31T00:00:00Z, not '%s'",
                                     optarg);
            break;
        }
    command_line_end(&admin->line, argc, argv);
    if (command->name == NULL)
        command_line_misused(&admin->line, "--name NAME is missing");
    if (command->scopes.bits == 0)
        command_line_misused(&admin->line, "--scope SCOPE is missing");
}

static const struct problem *create_and_print(struct ctx *ctx, const struct create_api_key *command)
{
    struct text text = text_new(ctx->arena);
    struct new_api_key created;

    TRY(create_api_key(ctx, command, &created));
    api_key_json_with_text(&text, &created);
    puts(text.data);
    return OK;
}

/* With the providers: their keys say for which mode it is. */
static int create(struct admin *admin, int argc, char **argv)
{
    struct create_api_key command = { .name = NULL };
    struct admin_session session;
    int status;

    read_options(admin, argc, argv, &command);
    status = admin_open_providers(admin, &session);
    return status == EX_OK ? admin_report(create_and_print(&session.ctx, &command)) : status;
}

static const struct option create_options[] = {
    { "name", required_argument, NULL, 'n' },    { "scope", required_argument, NULL, 's' },
    { "network", required_argument, NULL, 'w' }, { "expires", required_argument, NULL, 'e' },
    { NULL, 0, NULL, 0 },
};

const struct admin_command admin_key_create = {
    .name = "key create",
    .arguments = "--name NAME --scope SCOPE [--network CIDR] [--expires TIME]",
    .summary = "Make an API key and print it, once, as a JSON object.",
    .explanation =
        "  --name NAME      what it is for; owner of its orders without ownerId\n"
        "  --scope SCOPE    what it allows, like orders:read, again for each scope\n"
        "  --network CIDR   where its callers must be, again for each network (default anywhere)\n"
        "  --expires TIME   refused from then on, like 2027-01-31T00:00:00Z (default never)\n",
    .options = create_options,
    .run = create,
};

/* --- list ------------------------------------------------------------------------------- */

/* One JSON object a line, newest first. */
static const struct problem *print_keys(struct ctx *ctx)
{
    struct api_key_query query = { .limit = API_KEY_LIST_MAX };
    struct api_key_page page;

    do {
        TRY(list_api_keys(ctx, &query, &page));
        for (int i = 0; i < page.count; i++) {
            struct text text = text_new(ctx->arena);

            api_key_json(&text, &page.records[i]);
            puts(text.data);
        }
        if (page.count > 0)
            query.after_id = page.records[page.count - 1].key.id.text;
    } while (page.more);
    return OK;
}

static int list(struct admin *admin, int argc, char **argv)
{
    struct admin_session session;
    int status;

    command_line_no_options(&admin->line, argc, argv);
    command_line_end(&admin->line, argc, argv);
    status = admin_open(admin, &session);
    return status == EX_OK ? admin_report(print_keys(&session.ctx)) : status;
}

const struct admin_command admin_key_list = {
    .name = "key list",
    .arguments = "",
    .summary = "Print the API keys, without the keys themselves, newest first.",
    .explanation = "",
    .run = list,
};

/* --- revoke KEY ------------------------------------------------------------------------- */

static const struct problem *revoke_and_print(struct ctx *ctx, const char *id)
{
    struct text text = text_new(ctx->arena);
    struct api_key_record record;

    TRY(revoke_api_key(ctx, id, &record));
    api_key_json(&text, &record);
    puts(text.data);
    return OK;
}

static int revoke(struct admin *admin, int argc, char **argv)
{
    struct admin_session session;
    const char *id;
    int status;

    command_line_no_options(&admin->line, argc, argv);
    id = command_line_argument(&admin->line, argc, argv, "KEY");
    status = admin_open(admin, &session);
    return status == EX_OK ? admin_report(revoke_and_print(&session.ctx, id)) : status;
}

const struct admin_command admin_key_revoke = {
    .name = "key revoke",
    .arguments = "KEY",
    .summary = "Refuse an API key from now on, for ever.",
    .explanation = "  KEY  its id, which key list prints\n",
    .run = revoke,
};
