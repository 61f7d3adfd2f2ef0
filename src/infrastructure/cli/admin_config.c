/*
 * payapi-admin config check: reads the settings as the other programs do, and says what is wrong.
 */
#include "admin.h"

#include <stdio.h>

#include "infrastructure/postgres/store_pg.h"

/* The programs would start with such an address and wait for a database that cannot exist. */
static bool check_url(struct admin *admin, const char *name, const char *url)
{
    const char *complaint = *url != '\0' ? store_url_complaint(admin->arena, url) : NULL;

    if (complaint != NULL)
        fprintf(stderr, "payapi-admin: %s: %s\n", name, complaint);
    return complaint == NULL;
}

/* Checks what every program needs at its start. */
static int check(struct admin *admin, int argc, char **argv)
{
    struct token_key key;
    struct config config;

    command_line_no_options(&admin->line, argc, argv);
    command_line_end(&admin->line, argc, argv);
    if (!admin_load_config(admin, CONFIG_FAST | CONFIG_JOBS | CONFIG_ADMIN, &config) ||
        !admin_load_token_key(admin, &config, &key) ||
        !check_url(admin, "DATABASE_URL", config.database_url))
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
