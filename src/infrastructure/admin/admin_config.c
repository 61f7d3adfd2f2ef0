#include "infrastructure/admin/admin.h"

#include <stdio.h>

/* What every program needs, as it would find it at its start. */
static int check(struct admin *admin, int argc, char **argv)
{
    struct token_key key;
    struct config config;

    command_line_no_options(&admin->line, argc, argv);
    command_line_end(&admin->line, argc, argv);
    if (!admin_load_config(admin, CONFIG_FAST | CONFIG_JOBS | CONFIG_ADMIN, &config) ||
        !admin_load_token_key(admin, &config, &key))
        return CONFIG_EXIT_STATUS;
    puts("OK");
    return 0;
}

const struct admin_command admin_config_check = {
    .name = "config check",
    .arguments = "",
    .summary = "Say OK, or name the setting that is wrong (exit status 78).",
    .explanation = "",
    .run = check,
};
