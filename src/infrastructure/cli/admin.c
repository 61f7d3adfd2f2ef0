/*
 * What the subcommands share: the settings, the key of tokens, and the database's address as
 * libpq's variables. What is wrong is printed.
 */
#include "admin.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

bool admin_load_config(struct admin *admin, enum config_program program,
                       struct config *config_out)
{
    struct config_report report;

    if (config_load(admin->arena, admin->config_file, program, config_out, &report)) {
        if (report.warning[0] != '\0')
            fprintf(stderr, "payapi-admin: %s\n", report.warning);
        return true;
    }
    fprintf(stderr, "payapi-admin: %s\n", report.error);
    return false;
}

bool admin_load_token_key(struct admin *admin, const struct config *config,
                          struct token_key *key_out)
{
    struct config_report report;

    if (token_key_load(admin->arena, config, key_out, &report))
        return true;
    fprintf(stderr, "payapi-admin: %s\n", report.error);
    return false;
}

/* --- The database ----------------------------------------------------------------------------- */

/* Every part of the address that libpq has a variable for. */
static bool export_url(const char *url)
{
    char *complaint = NULL;
    PQconninfoOption *options = PQconninfoParse(url, &complaint);

    if (options == NULL) {
        fprintf(stderr, "payapi-admin: DATABASE_URL: %s", complaint != NULL ? complaint : "\n");
        PQfreemem(complaint);
        return false;
    }
    for (const PQconninfoOption *option = options; option->keyword != NULL; option++)
        if (option->val != NULL && option->envvar != NULL)
            setenv(option->envvar, option->val, 1);
    PQconninfoFree(options);
    return true;
}

static void export_parts(const struct config *config)
{
    char port[16];

    snprintf(port, sizeof(port), "%d", config->database_port);
    setenv("PGHOST", config->database_host, 1);
    setenv("PGPORT", port, 1);
    setenv("PGUSER", config->database_user, 1);
    setenv("PGPASSWORD", config->database_password, 1);
    setenv("PGDATABASE", config->database_name, 1);
}

bool admin_export_database(const struct config *config)
{
    if (config->database_url[0] != '\0')
        return export_url(config->database_url);
    export_parts(config);
    return true;
}

void admin_be_owner(const struct config *config)
{
    if (config->database_owner_user[0] != '\0')
        setenv("PGUSER", config->database_owner_user, 1);
    if (config->database_owner_password[0] != '\0')
        setenv("PGPASSWORD", config->database_owner_password, 1);
}
