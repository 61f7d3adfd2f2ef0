/* The connection of a migration, which also keeps a second one waiting until it ends. */
#include "admin_migrate.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "admin.h"

static void ignore_notice(void *nothing, const PGresult *notice)
{
    (void) nothing;
    (void) notice;
}

PGconn *migrate_connect(void)
{
    PGconn *connection = PQconnectdb("application_name=payapi-admin connect_timeout=5");

    PQsetNoticeReceiver(connection, ignore_notice, NULL);
    if (PQstatus(connection) == CONNECTION_OK)
        return connection;
    fprintf(stderr, "payapi-admin: %s", PQerrorMessage(connection));
    PQfinish(connection);
    return NULL;
}

int migrate_complain(PGconn *connection)
{
    fprintf(stderr, "payapi-admin: %s", PQerrorMessage(connection));
    return ADMIN_FAILED;
}

/* 0 or the exit status; *yes_out is the answer. */
static int ask(PGconn *connection, const char *sql, bool *yes_out)
{
    PGresult *answer = PQexec(connection, sql);
    int status = 0;

    if (PQresultStatus(answer) != PGRES_TUPLES_OK)
        status = migrate_complain(connection);
    else
        *yes_out = strcmp(PQgetvalue(answer, 0, 0), "f") != 0;
    PQclear(answer);
    return status;
}

#define TURN "(hashtext('payapi-admin migrate'))"

int migrate_take_turn(PGconn *connection)
{
    bool is_ours = false;
    int status = ask(connection, "SELECT pg_try_advisory_lock" TURN, &is_ours);

    if (status != 0 || is_ours)
        return status;
    fputs("payapi-admin: another migration is under way; this one waits for its end\n", stderr);
    return ask(connection, "SET lock_timeout = 0; SET statement_timeout = 0;"
                           " SELECT pg_advisory_lock" TURN, &is_ours);
}
