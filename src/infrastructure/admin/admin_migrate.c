#include "infrastructure/admin/admin.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static int read_options(struct admin *admin, int argc, char **argv, bool *status_only)
{
    static const struct option known[] = {
        { "sql", required_argument, NULL, 's' }, { NULL, 0, NULL, 0 },
    };
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (option != 's')
            return admin_misused("migrate takes --sql FOLDER");
        admin->sql_folder = optarg;
    }
    *status_only = optind + 1 == argc && strcmp(argv[optind], "status") == 0;
    if (optind != argc && !*status_only)
        return admin_misused("migrate, or migrate status");
    return 0;
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

int admin_migrate(struct admin *admin, int argc, char **argv)
{
    bool status_only;
    int status = read_options(admin, argc, argv, &status_only);
    struct config config;

    if (status != 0)
        return status;
    if (!admin_load_config(admin, CONFIG_ADMIN, &config) || !admin_export_database(&config))
        return CONFIG_EXIT_STATUS;
    if (config.database_owner_user[0] != '\0')
        setenv("PGUSER", config.database_owner_user, 1);
    if (config.database_owner_password[0] != '\0')
        setenv("PGPASSWORD", config.database_owner_password, 1);
    name_ourselves();
    return become_sqitch(admin, status_only);
}
