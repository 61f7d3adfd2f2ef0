#include "infrastructure/admin/admin.h"

#include <stdio.h>
#include <string.h>

/* What every program needs, as it would find it at its start. */
int admin_config(struct admin *admin, int argc, char **argv)
{
    struct token_key key;
    struct config config;

    if (argc != 2 || strcmp(argv[1], "check") != 0)
        return admin_misused("config knows one thing: config check");
    if (!admin_load_config(admin, CONFIG_WORKER | CONFIG_JOBS | CONFIG_ADMIN, &config) ||
        !admin_load_token_key(admin, &config, &key))
        return CONFIG_EXIT_STATUS;
    puts("OK");
    return 0;
}
