/*
 * What PUBLIC loses in our database, each time that migrate runs: a dump does not carry the
 * rights on its database, so after a restore they are as PostgreSQL makes them.
 */
#include "admin_migrate.h"

#include <stdio.h>
#include <string.h>

#include "admin.h"

/*
 * Nobody but the database's owner can take these rights away; from anybody else PostgreSQL takes
 * the command and changes nothing. So it is asked for only where there is something to take.
 */
static const char take_rights[] =
    "DO $$ BEGIN"
    " IF has_database_privilege('public', current_database(), 'TEMPORARY') THEN"
    "    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());"
    " END IF;"
    " IF EXISTS (SELECT FROM pg_namespace"
    "            WHERE nspname = 'public' AND has_schema_privilege('public', oid, 'CREATE')) THEN"
    "    REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
    " END IF;"
    " END $$";

static const char commands_left[] =
    "SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC;', datname),"
    "       pg_get_userbyid(datdba)"
    " FROM pg_database"
    " WHERE datname = current_database() AND has_database_privilege('public', oid, 'TEMPORARY')"
    " UNION ALL"
    " SELECT 'REVOKE CREATE ON SCHEMA public FROM PUBLIC;', pg_get_userbyid(nspowner)"
    " FROM pg_namespace"
    " WHERE nspname = 'public' AND has_schema_privilege('public', oid, 'CREATE')";

static int tell_what_is_left(PGconn *connection)
{
    PGresult *left = PQexec(connection, commands_left);
    int count = PQntuples(left);
    int status = count == 0 ? 0 : ADMIN_FAILED;

    if (PQresultStatus(left) != PGRES_TUPLES_OK)
        status = migrate_complain(connection);
    for (int row = 0; row < count; row++)
        fprintf(stderr,
                "payapi-admin: anybody may create objects here, and only %s can forbid it: %s\n",
                PQgetvalue(left, row, 1), PQgetvalue(left, row, 0));
    PQclear(left);
    return status;
}

/* What was refused for want of rights is told by the question that follows, with its remedy. */
int migrate_take_rights(PGconn *connection)
{
    PGresult *taken = PQexec(connection, take_rights);
    const char *sqlstate = PQresultErrorField(taken, PG_DIAG_SQLSTATE);
    int status = 0;

    if (sqlstate != NULL && strcmp(sqlstate, "42501") != 0)
        status = migrate_complain(connection);
    PQclear(taken);
    return status != 0 ? status : tell_what_is_left(connection);
}
