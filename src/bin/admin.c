/*
 * payapi-admin - tokens, configuration, migrations and invariants from the command line.
 * See payapi-admin(1).
 */
#include <config.h>

#include "infrastructure/cli/admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

static const struct admin_command *const commands[] = {
    &admin_token,         &admin_config_check,   &admin_migrate,          &admin_invariants,
    &admin_audit_verify,  &admin_audit_export,   &admin_audit_checkpoint, &admin_audit_keygen,
    &admin_audit_retire,
    &admin_payment_list,  &admin_payment_review, &admin_payment_sync,
    &admin_reconcile,     &admin_reconcile_explain, &admin_erase,
    &admin_webhook_list,  &admin_webhook_show,   &admin_webhook_replay,
    &admin_key_create,    &admin_key_list,       &admin_key_revoke,
    &admin_endpoint_create, &admin_endpoint_list, &admin_endpoint_enable, &admin_endpoint_disable,
    &admin_endpoint_delete, &admin_endpoint_rotate, &admin_endpoint_test,
    &admin_endpoint_deliveries, &admin_endpoint_resend, &admin_endpoint_recover,
};

#define HELP_COLUMNS  100
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

/* --- Help ---------------------------------------------------------------------------------- */

static const char closing_lines[] =
    "\n"
    "  --config FILE  before the command: lines of NAME=value; the environment wins\n"
    "  -h, --help     also after a command\n"
    "  --version\n"
    "\n"
    "Exit status: 64 for a wrong command line, 78 for a wrong setting. See payapi-admin(1).\n";

/* The length of the first argument: up to the blank before the next option or bracket. */
static size_t first_argument(const char *arguments)
{
    size_t size = 0;

    do
        size += 1 + strcspn(arguments + size + 1, " ");
    while (arguments[size] != '\0' && arguments[size + 1] != '[' && arguments[size + 1] != '-');
    return size;
}

/*
 * Appends "audit verify [--checkpoints FILE]", which begins at column indent; folds a long one.
 */
static void append_synopsis(struct text *text, const struct admin_command *command, size_t indent)
{
    const char *rest = command->arguments;
    size_t column = indent + strlen(command->name);

    text_append(text, command->name);
    while (*rest != '\0') {
        size_t size = first_argument(rest);
        bool fits = column + 1 + size <= HELP_COLUMNS;

        text_append(text, fits ? " " : "\n            ");
        text_append_bytes(text, (struct bytes) { rest, size });
        column = (fits ? column + 1 : 12) + size;
        rest += size + (rest[size] == ' ');
    }
    text_append_char(text, '\n');
}

static const char *help_of_command(struct arena *arena, const struct admin_command *command)
{
    struct text text = text_new(arena);

    text_append(&text, "Usage: payapi-admin ");
    append_synopsis(&text, command, strlen("Usage: payapi-admin "));
    text_printf(&text, "%s\n%s%s", command->summary, *command->explanation != '\0' ? "\n" : "",
                command->explanation);
    text_append(&text, closing_lines);
    return text.data;
}

/* Whether the command belongs to the group, as "audit verify" to "audit". All belong to "". */
static bool is_of_group(const struct admin_command *command, const char *group)
{
    size_t size = strlen(group);

    return size == 0 || (strncmp(command->name, group, size) == 0 && command->name[size] == ' ');
}

static const char *help_of_group(struct arena *arena, const char *group)
{
    struct text text = text_new(arena);

    text_append(&text, "Usage: payapi-admin [--config FILE] COMMAND ...\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (is_of_group(commands[i], group)) {
            text_append(&text, "  ");
            append_synopsis(&text, commands[i], 2);
            text_printf(&text, "        %s\n", commands[i]->summary);
        }
    text_append(&text, closing_lines);
    return text.data;
}

/* --- Which command ------------------------------------------------------------------------- */

static const struct admin_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static bool is_group(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (*name != '\0' && is_of_group(commands[i], name))
            return true;
    return false;
}

static int run_command(struct admin *admin, const struct admin_command *command, int argc,
                       char **argv)
{
    admin->line = (struct command_line) {
        .program = arena_printf(admin->arena, "payapi-admin %s", command->name),
        .help = help_of_command(admin->arena, command),
        .options = command->options,
    };
    optind = 0;
    return command->run(admin, argc, argv);
}

/* For a group such as "audit": the second word chooses the command. */
static int run_group(struct admin *admin, int argc, char **argv)
{
    const char *group = argv[0];
    const struct command_line line = {
        .program = arena_printf(admin->arena, "payapi-admin %s", group),
        .help = help_of_group(admin->arena, group),
        .stops_at_command = true,
    };
    const struct admin_command *command;

    optind = 0;
    command_line_no_options(&line, argc, argv);
    if (optind == argc)
        command_line_misused(&line, "a second word is missing after '%s'", group);
    command = find_command(arena_printf(admin->arena, "%s %s", group, argv[optind]));
    if (command == NULL)
        command_line_misused(&line, "unknown command '%s %s'", group, argv[optind]);
    return run_command(admin, command, argc - optind, argv + optind);
}

/* A word can name a command and a group: it is the command unless the next word completes one. */
static bool begins_group(struct arena *arena, int argc, char **argv)
{
    if (!is_group(argv[0]))
        return false;
    return find_command(argv[0]) == NULL
        || (argc > 1 && find_command(arena_printf(arena, "%s %s", argv[0], argv[1])) != NULL);
}

/* Reads the options before the command; the rest belongs to the command. */
static int run(struct admin *admin, int argc, char **argv)
{
    static const struct option known[] = {
        { "config", required_argument, NULL, 'c' }, { NULL, 0, NULL, 0 },
    };
    const struct command_line line = {
        .program = "payapi-admin", .help = help_of_group(admin->arena, ""), .options = known,
        .stops_at_command = true,
    };
    const struct admin_command *command;

    while (command_line_next(&line, argc, argv) != -1)
        admin->config_file = optarg;
    if (optind == argc)
        command_line_misused(&line, "a command is missing");
    argc -= optind;
    argv += optind;
    if (begins_group(admin->arena, argc, argv))
        return run_group(admin, argc, argv);
    command = find_command(argv[0]);
    if (command == NULL)
        command_line_misused(&line, "unknown command '%s'", argv[0]);
    return run_command(admin, command, argc, argv);
}

/*
 * The schema installed with this very program, wherever that is now, for a prefix may have been
 * moved or staged. Otherwise the folder that was configured.
 */
static const char *installed_sql_folder(struct arena *arena)
{
    char program[4096] = "";
    char *slash;
    const char *folder;
    struct stat found;

    if (readlink("/proc/self/exe", program, sizeof(program) - 1) < 0
        || (slash = strrchr(program, '/')) == NULL)
        return SQL_FOLDER;
    *slash = '\0';
    folder = arena_printf(arena, "%s/../share/payapi/sql", program);
    return stat(folder, &found) == 0 ? folder : SQL_FOLDER;
}

int main(int argc, char **argv)
{
    struct admin admin = { .arena = arena_new() };
    int status;

    admin.sql_folder = installed_sql_folder(admin.arena);
    status = run(&admin, argc, argv);
    arena_free(admin.arena);
    return status;
}
