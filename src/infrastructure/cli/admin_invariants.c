/* payapi-admin invariants: runs the SQL files that must find nothing. */
#include "admin.h"

#include <dirent.h>
#include <errno.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define SQL_BYTES_MAX  65536
#define ROWS_SHOWN_MAX 5
#define NAME_MAX_SHOWN 48

/* --- The files ----------------------------------------------------------------------------- */

static int is_query(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);

    return length > 4 && strcmp(entry->d_name + length - 4, ".sql") == 0;
}

static bool complain(const char *about, int error)
{
    fprintf(stderr, "payapi-admin: %s: %s\n", about, strerror(error));
    return false;
}

static bool read_query(const char *folder, const char *name, char sql_out[static SQL_BYTES_MAX])
{
    char path[4096];
    FILE *file;
    size_t size;

    snprintf(path, sizeof(path), "%s/invariants/%s", folder, name);
    file = fopen(path, "re");
    if (file == NULL)
        return complain(path, errno);
    size = fread(sql_out, 1, SQL_BYTES_MAX, file);
    fclose(file);
    if (size == SQL_BYTES_MAX)
        return complain(path, EFBIG);
    sql_out[size] = '\0';
    return true;
}

/* --- One invariant ------------------------------------------------------------------------- */

/* "-- I4: the ledger's sum ..." without its dashes. */
static void print_meaning(const char *sql)
{
    printf("      %.*s\n", (int) strcspn(sql + 3, "\n"), sql + 3);
}

static void print_row(const PGresult *row)
{
    fputs("      ", stdout);
    for (int column = 0; column < PQnfields(row); column++)
        printf(" %s=%s", PQfname(row, column), PQgetvalue(row, 0, column));
    putchar('\n');
}

static void print_verdict(const char *file, long rows)
{
    printf("%-4s  %-*.*s %6ld\n", rows == 0 ? "ok" : "FAIL", NAME_MAX_SHOWN,
           (int) strlen(file) - 4, file, rows);
}

/* Row by row: however wrong a database is, only the first few are kept. */
static long collect(PGconn *connection, PGresult *shown[static ROWS_SHOWN_MAX])
{
    long count = 0;
    PGresult *result;

    while ((result = PQgetResult(connection)) != NULL) {
        ExecStatusType status = PQresultStatus(result);

        if (status == PGRES_SINGLE_TUPLE && count < ROWS_SHOWN_MAX)
            shown[count] = result;
        else
            PQclear(result);
        if (status == PGRES_SINGLE_TUPLE && count >= 0)
            count++;
        else if (status != PGRES_TUPLES_OK)
            count = -1;
    }
    return count;
}

/* How many rows break it; -1 when it could not be asked. */
static long check(PGconn *connection, const char *file, const char *sql)
{
    PGresult *shown[ROWS_SHOWN_MAX] = { NULL };
    long count = -1;

    if (PQsendQuery(connection, sql) && PQsetSingleRowMode(connection))
        count = collect(connection, shown);
    if (count < 0)
        fprintf(stderr, "payapi-admin: %s: %s", file, PQerrorMessage(connection));
    else
        print_verdict(file, count);
    if (count > 0)
        print_meaning(sql);
    for (int i = 0; i < ROWS_SHOWN_MAX && shown[i] != NULL; i++) {
        print_row(shown[i]);
        PQclear(shown[i]);
    }
    return count;
}

/* --- All of them --------------------------------------------------------------------------- */

static int check_all(PGconn *connection, const char *folder, struct dirent *const *files, int count)
{
    static char sql[SQL_BYTES_MAX];
    int status = 0;

    for (int i = 0; i < count; i++)
        if (!read_query(folder, files[i]->d_name, sql)
            || check(connection, files[i]->d_name, sql) != 0)
            status = ADMIN_FAILED;
    return status;
}

static int with_connection(const char *folder, struct dirent *const *files, int count)
{
    PGconn *connection = PQconnectdb(
        "application_name=payapi-admin connect_timeout=5"
        " options='-c default_transaction_read_only=on -c statement_timeout=5min'");
    int status = EX_UNAVAILABLE;

    if (PQstatus(connection) == CONNECTION_OK)
        status = check_all(connection, folder, files, count);
    else
        fprintf(stderr, "payapi-admin: %s", PQerrorMessage(connection));
    PQfinish(connection);
    return status;
}

static int with_files(const char *folder)
{
    char path[4096];
    struct dirent **files = NULL;
    int count;
    int status;

    snprintf(path, sizeof(path), "%s/invariants", folder);
    count = scandir(path, &files, is_query, alphasort);
    if (count <= 0) {
        complain(path, count < 0 ? errno : ENOENT);
        return EX_NOINPUT;
    }
    status = with_connection(folder, files, count);
    for (int i = 0; i < count; i++)
        free(files[i]);
    free(files);
    return status;
}

static void read_options(struct admin *admin, int argc, char **argv)
{
    while (command_line_next(&admin->line, argc, argv) != -1)
        admin->sql_folder = optarg;
    command_line_end(&admin->line, argc, argv);
}

static int run(struct admin *admin, int argc, char **argv)
{
    struct config config;

    read_options(admin, argc, argv);
    if (!admin_load_config(admin, CONFIG_ADMIN, &config) || !admin_export_database(&config))
        return CONFIG_EXIT_STATUS;
    return with_files(admin->sql_folder);
}

static const struct option options[] = {
    { "sql", required_argument, NULL, 's' }, { NULL, 0, NULL, 0 },
};

const struct admin_command admin_invariants = {
    .name = "invariants",
    .arguments = "[--sql FOLDER]",
    .summary = "Check what must be true of all rows (exit status 1 if it is not).",
    .explanation = "  --sql FOLDER  queries of FOLDER/invariants instead of the installed ones\n",
    .options = options,
    .run = run,
};
