/* payapi-admin erase: removes a customer's e-mail address from the database. */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "admin_store.h"
#include "infrastructure/http_client/form.h"

#define ADDRESS_BYTES_MAX 254           /* RFC 5321, 4.5.3.1.3 */

/* The SQL function decides what is personal data (sql/deploy/erasure.sql). */
static const char erase_sql[] =
    "SELECT orders_erased, requests_emptied, events_emptied, answers_cleaned, waiting"
    " FROM payapi.erase_email($1, $2, $3, $4)";

static void print_counts(const PGresult *result)
{
    printf("{\"orders\":%s,\"requests\":%s,\"events\":%s,\"answers\":%s,\"waiting\":%s}\n",
           PQgetvalue(result, 0, 0), PQgetvalue(result, 0, 1), PQgetvalue(result, 0, 2),
           PQgetvalue(result, 0, 3), PQgetvalue(result, 0, 4));
}

/* What waits is still needed by a call that is not finished or an event that is not applied. */
static int conclude(const PGresult *result)
{
    print_counts(result);
    if (strcmp(PQgetvalue(result, 0, 4), "0") == 0)
        return EX_OK;
    fputs("payapi-admin: unfinished calls or events still need the data: run this again later\n",
          stderr);
    return ADMIN_FAILED;
}

static int erase_in(struct admin *admin, PGconn *connection, const char *address)
{
    const char *const values[] = {
        address, form_escape(admin->arena, address),
        arena_printf(admin->arena, "admin:%s", admin_operator(admin->arena)),
        ctx_new_trace_id(admin->arena),
    };
    PGresult *result = PQexecParams(connection, erase_sql, 4, NULL, values, NULL, NULL, 0);
    int status = ADMIN_FAILED;

    if (PQresultStatus(result) == PGRES_TUPLES_OK)
        status = conclude(result);
    else
        fprintf(stderr, "payapi-admin: %s", PQerrorMessage(connection));
    PQclear(result);
    return status;
}

static int with_connection(struct admin *admin, const char *address)
{
    PGconn *connection = PQconnectdb(
        "application_name=payapi-admin connect_timeout=5 client_encoding=UTF8"
        " options='-c lock_timeout=10s -c statement_timeout=30min'");
    int status = EX_UNAVAILABLE;

    if (PQstatus(connection) == CONNECTION_OK)
        status = erase_in(admin, connection, address);
    else
        fprintf(stderr, "payapi-admin: %s", PQerrorMessage(connection));
    PQfinish(connection);
    return status;
}

static const char *read_address(struct admin *admin, int argc, char **argv)
{
    const char *address = NULL;

    while (command_line_next(&admin->line, argc, argv) != -1)
        address = optarg;
    command_line_end(&admin->line, argc, argv);
    if (address == NULL)
        command_line_misused(&admin->line, "--email is missing");
    if (strchr(address, '@') == NULL || address[0] == '@' || strlen(address) > ADDRESS_BYTES_MAX)
        command_line_misused(&admin->line, "--email must be an address, not '%s'", address);
    return address;
}

static int run(struct admin *admin, int argc, char **argv)
{
    const char *address = read_address(admin, argc, argv);
    struct config config;

    if (!admin_load_config(admin, CONFIG_ADMIN, &config) || !admin_export_database(&config))
        return CONFIG_EXIT_STATUS;
    admin_be_owner(&config);
    return with_connection(admin, address);
}

static const struct option options[] = {
    { "email", required_argument, NULL, 'e' }, { NULL, 0, NULL, 0 },
};

const struct admin_command admin_erase = {
    .name = "erase",
    .arguments = "--email ADDRESS",
    .summary = "Remove a person's data from all that is finished; books and proofs stay.",
    .explanation = "  --email ADDRESS  of the payer, in upper or lower case\n",
    .options = options,
    .run = run,
};
