/* payapi-admin migrate: deploys the changes of the schema, or says what they would do. */
#include "admin_migrate.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "admin.h"

/* What is to be done: all of it, or only a look. */
enum wish { MIGRATE, CHECK, STATUS };

static enum wish read_options(struct admin *admin, int argc, char **argv)
{
    enum wish wish = MIGRATE;
    int option;

    while ((option = command_line_next(&admin->line, argc, argv)) != -1)
        if (option == 'c')
            wish = CHECK;
        else
            admin->sql_folder = optarg;
    if (optind < argc && strcmp(argv[optind], "status") == 0) {
        wish = STATUS;
        optind++;
    }
    command_line_end(&admin->line, argc, argv);
    return wish;
}

/* sqitch notes who deployed; it refuses to run for somebody without a name. */
static void name_ourselves(void)
{
    setenv("SQITCH_FULLNAME", "payapi-admin", 0);
    setenv("SQITCH_EMAIL", "payapi-admin@localhost", 0);
}

/* Its words and its exit status are ours. */
static int become_status(void)
{
    char *status[] = { "sqitch", "status", "db:pg:", NULL };

    fflush(stdout);
    execvp("sqitch", status);
    fprintf(stderr, "payapi-admin: sqitch: %s: install sqitch and libdbd-pg-perl\n",
            strerror(errno));
    return EX_UNAVAILABLE;
}

static int migrate(void)
{
    PGconn *connection = migrate_connect();
    int status = EX_UNAVAILABLE;

    if (connection != NULL)
        status = migrate_take_turn(connection);
    if (status == 0)
        status = migrate_refuse_old(connection);
    if (status == 0)
        status = migrate_deploy();
    if (status == 0)
        status = migrate_take_rights(connection);
    PQfinish(connection);
    return status;
}

static int act(const struct admin *admin, enum wish wish)
{
    if (chdir(admin->sql_folder) != 0) {
        fprintf(stderr, "payapi-admin: %s: %s\n", admin->sql_folder, strerror(errno));
        return EX_NOINPUT;
    }
    switch (wish) {
    case MIGRATE: return migrate();
    case CHECK:   return migrate_check();
    case STATUS:  return become_status();
    }
    return EX_SOFTWARE;
}

static int run(struct admin *admin, int argc, char **argv)
{
    enum wish wish = read_options(admin, argc, argv);
    struct config config;

    if (!admin_load_config(admin, CONFIG_ADMIN, &config) || !admin_export_database(&config))
        return CONFIG_EXIT_STATUS;
    admin_be_owner(&config);
    setenv("PGTARGETSESSIONATTRS", "read-write", 0);    /* of several hosts the primary */
    name_ourselves();
    return act(admin, wish);
}

static const struct option options[] = {
    { "sql", required_argument, NULL, 's' }, { "check", no_argument, NULL, 'c' },
    { NULL, 0, NULL, 0 },
};

const struct admin_command admin_migrate = {
    .name = "migrate",
    .arguments = "[--sql FOLDER] [--check] [status]",
    .summary = "Bring the database to the schema of this version, by sqitch.",
    .explanation =
        "  --check       only say which migrations the database lacks, and what each would lock\n"
        "  status        only say which migrations the database has, and which it lacks\n"
        "  --sql FOLDER  the sqitch project there instead of the installed one\n",
    .options = options,
    .run = run,
};
