/*
 * Compares the changes that a database has with the plan. What a migration would lock, each change
 * says in its script, in lines that begin with "-- Locks:".
 */
#include "admin_migrate.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "admin.h"

#define LINE_MAX_BYTES 4096
#define LOCKS          "-- Locks: "
#define OLD_CHANGE     "schema_and_roles"       /* only in databases from before 0.2.0 */

static int complain(const char *file)
{
    fprintf(stderr, "payapi-admin: %s: %s\n", file, strerror(errno));
    return EX_NOINPUT;
}

/* Names come first on a plan's lines; %pragmas, @tags and comments are no changes. */
static bool is_change(const char *line)
{
    return line[0] >= 'a' && line[0] <= 'z';
}

static bool has_change(const PGresult *deployed, const char *name)
{
    for (int row = 0; row < PQntuples(deployed); row++)
        if (strcmp(PQgetvalue(deployed, row, 0), name) == 0)
            return true;
    return false;
}

static int print_locks(const char *name)
{
    char path[LINE_MAX_BYTES + sizeof("deploy/.sql")];
    char line[LINE_MAX_BYTES];
    bool told = false;
    FILE *script;

    snprintf(path, sizeof(path), "deploy/%s.sql", name);
    script = fopen(path, "re");
    if (script == NULL)
        return complain(path);
    while (fgets(line, sizeof(line), script) != NULL) {
        if (strncmp(line, LOCKS, strlen(LOCKS)) != 0)
            continue;
        printf("%-24s locks: %s", told ? "" : name, line + strlen(LOCKS));
        told = true;
    }
    if (!told)
        printf("%-24s locks: not stated\n", name);
    fclose(script);
    return 0;
}

static int print_missing(FILE *plan, const PGresult *deployed)
{
    char line[LINE_MAX_BYTES];
    int missing = 0;
    int status = 0;

    while (status == 0 && fgets(line, sizeof(line), plan) != NULL) {
        line[strcspn(line, " \n")] = '\0';
        if (!is_change(line) || has_change(deployed, line))
            continue;
        missing++;
        status = print_locks(line);
    }
    if (status == 0 && missing == 0)
        puts("Nothing to deploy.");
    return status;
}

/* An empty database has no list of what was deployed (sqitch.conf says where): all is missing. */
static PGresult *ask_deployed(PGconn *connection)
{
    PGresult *known = PQexec(connection, "SELECT to_regclass('payapi_sqitch.changes') IS NOT NULL");
    bool has_list = PQntuples(known) == 1 && strcmp(PQgetvalue(known, 0, 0), "t") == 0;

    PQclear(known);
    return PQexec(connection, has_list ? "SELECT change FROM payapi_sqitch.changes"
                                       : "SELECT NULL::text WHERE false");
}

static int refuse_old(PGconn *connection, const PGresult *deployed)
{
    if (PQresultStatus(deployed) != PGRES_TUPLES_OK)
        return migrate_complain(connection);
    if (!has_change(deployed, OLD_CHANGE))
        return 0;
    fputs("payapi-admin: this database was made before version 0.2.0. The schema began anew with"
          " that version, and no migration leads to it: make a new database. In development"
          " ./dev reset does that, and deletes the data.\n", stderr);
    return ADMIN_FAILED;
}

int migrate_refuse_old(PGconn *connection)
{
    PGresult *deployed = ask_deployed(connection);
    int status = refuse_old(connection, deployed);

    PQclear(deployed);
    return status;
}

static int compare(PGconn *connection, FILE *plan)
{
    PGresult *deployed = ask_deployed(connection);
    int status = refuse_old(connection, deployed);

    if (status == 0)
        status = print_missing(plan, deployed);
    PQclear(deployed);
    return status;
}

int migrate_check(void)
{
    FILE *plan = fopen("sqitch.plan", "re");
    PGconn *connection;
    int status;

    if (plan == NULL)
        return complain("sqitch.plan");
    connection = migrate_connect();
    status = connection == NULL ? EX_UNAVAILABLE : compare(connection, plan);
    PQfinish(connection);
    fclose(plan);
    return status;
}
