/* Loads the settings and the key of tokens for a subcommand, or prints what is wrong. */
#include "admin.h"

#include <stdio.h>

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
