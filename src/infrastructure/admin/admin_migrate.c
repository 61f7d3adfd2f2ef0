#include "infrastructure/admin/admin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

/* True when only the status was asked for. */
static bool read_options(struct admin *admin, int argc, char **argv)
{
    bool status_only;

    while (command_line_next(&admin->line, argc, argv) != -1)
        admin->sql_folder = optarg;
    status_only = optind < argc && strcmp(argv[optind], "status") == 0;
    if (status_only)
        optind++;
    command_line_end(&admin->line, argc, argv);
    return status_only;
}

/* sqitch notes who deployed; it refuses to run for somebody without a name. */
static void name_ourselves(void)
{
    setenv("SQITCH_FULLNAME", "payapi-admin", 0);
    setenv("SQITCH_EMAIL", "payapi-admin@localhost", 0);
}

/* Becomes sqitch: its words and its exit status are ours. */
static int become_sqitch(const struct admin *admin, bool status_only)
{
    char *deploy[] = { "sqitch", "deploy", "--verify", "db:pg:", NULL };
    char *status[] = { "sqitch", "status", "db:pg:", NULL };

    if (chdir(admin->sql_folder) != 0) {
        fprintf(stderr, "payapi-admin: %s: %s\n", admin->sql_folder, strerror(errno));
        return EX_NOINPUT;
    }
    fflush(stdout);
    execvp("sqitch", status_only ? status : deploy);
    fprintf(stderr, "payapi-admin: sqitch: %s: install sqitch and libdbd-pg-perl\n",
            strerror(errno));
    return EX_UNAVAILABLE;
}

static int run(struct admin *admin, int argc, char **argv)
{
    bool status_only = read_options(admin, argc, argv);
    struct config config;

    if (!admin_load_config(admin, CONFIG_ADMIN, &config) || !admin_export_database(&config))
        return CONFIG_EXIT_STATUS;
    admin_be_owner(&config);
    name_ourselves();
    return become_sqitch(admin, status_only);
}

static const struct option options[] = {
    { "sql", required_argument, NULL, 's' }, { NULL, 0, NULL, 0 },
};

const struct admin_command admin_migrate = {
    .name = "migrate",
    .arguments = "[--sql FOLDER] [status]",
    .summary = "Bring the database to the schema of this version, by sqitch.",
    .explanation =
        "  status        only say which migrations the database has, and which it lacks\n"
        "  --sql FOLDER  the sqitch project there instead of the installed one\n",
    .options = options,
    .run = run,
};
