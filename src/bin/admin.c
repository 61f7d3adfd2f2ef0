/*
 * payapi-admin - tokens, configuration, migrations and invariants from the command line.
 * See payapi-admin(1).
 */
#include <config.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "infrastructure/admin/admin.h"

static const char usage[] =
    "Usage: payapi-admin [--config FILE] COMMAND ...\n"
    "\n"
    "  token --sub SUBJECT --role user|admin [--ttl 1h]\n"
    "                              a bearer token, signed with JWT_SECRET (HS256)\n"
    "  config check                OK, or the setting that is wrong (exit status 78)\n"
    "  migrate [--sql FOLDER]      bring the database to this version's schema (sqitch)\n"
    "  migrate status              which migrations the database has\n"
    "  invariants [--sql FOLDER]   what must be true of all rows; exit status 1 if it is not\n"
    "  audit verify [--checkpoints FILE]\n"
    "                              chains, checkpoints and seals; exit status 1 if one is broken\n"
    "  audit export [--from TIME] [--to TIME]\n"
    "                              checkpoints, and the rows they cover with their proof (NDJSON)\n"
    "  audit checkpoint            seal what the audit log has gained\n"
    "  audit keygen FILE           a key for AUDIT_SIGNING_KEY_FILE; its public half in FILE.pub\n"
    "  payment list [--needs-review]\n"
    "  payment review --id PAYMENT --reason TEXT [--verdict VERDICT] [--amount-minor N]\n"
    "                 [--owner SUB] [--reference TEXT]\n"
    "                              a human decided: dismiss (nothing is to be done), accept (what came\n"
    "                              is taken for all), refund, write_off, refund_elsewhere, give_owner\n"
    "  payment sync --id PAYMENT   ask the provider now, and heal\n"
    "  webhook list [--status STATUS] [--provider NAME] [--type TYPE] [--payment PAYMENT]\n"
    "  webhook show EVENT          one event that came in, with its attempts\n"
    "  webhook replay [--dry-run] EVENT\n"
    "                              apply it once more, or show what that would do\n"
    "\n"
    "  --config FILE               lines of NAME=value; the environment wins\n"
    "  --help, --version\n";

static const struct {
    const char *name;
    int       (*run)(struct admin *admin, int argc, char **argv);
} commands[] = {
    { "token",      admin_token },
    { "config",     admin_config },
    { "migrate",    admin_migrate },
    { "invariants", admin_invariants },
    { "audit",      admin_audit },
    { "payment",    admin_payment },
    { "webhook",    admin_webhook },
};

/* Options before the command; the rest is the command's. */
static void read_options(struct admin *admin, int argc, char **argv)
{
    static const struct option known[] = {
        { "config", required_argument, NULL, 'c' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'v' },
        { NULL, 0, NULL, 0 },
    };
    int option;

    while ((option = getopt_long(argc, argv, "+", known, NULL)) != -1) {
        if (option == '?')
            exit(admin_misused("there is no such option"));
        if (option == 'c') {
            admin->config_file = optarg;
            continue;
        }
        fputs(option == 'h' ? usage : "payapi-admin " PACKAGE_VERSION "\n", stdout);
        exit(EXIT_SUCCESS);
    }
}

static int run_command(struct admin *admin, int argc, char **argv)
{
    if (argc == 0)
        return admin_misused("what shall I do?");
    optind = 0;                         /* the command reads its options from its own start */
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(commands[i].name, argv[0]) == 0)
            return commands[i].run(admin, argc, argv);
    return admin_misused("there is no command '%s'", argv[0]);
}

/*
 * The schema that was installed with this very program, wherever that is now: a prefix may have been
 * moved or staged. Else where it was configured to be.
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
    opterr = 0;                         /* complaints are ours, in one line */
    read_options(&admin, argc, argv);
    status = run_command(&admin, argc - optind, argv + optind);
    arena_free(admin.arena);
    return status;
}
