/* payapi-admin token: makes a token for a person or a program. */
#include "admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "infrastructure/auth/token.h"
#include "infrastructure/clock.h"

#define TTL_DEFAULT_S 3600
#define TTL_MAX_S     (366 * 86400)

static bool parse_role(const char *name, enum role *role_out)
{
    if (strcmp(name, "user") == 0)
        *role_out = ROLE_USER;
    else if (strcmp(name, "shop") == 0)
        *role_out = ROLE_SHOP;
    else if (strcmp(name, "admin") == 0)
        *role_out = ROLE_ADMIN;
    else
        return false;
    return true;
}

/* "90s", "15m", "1h", "30d" */
static bool parse_ttl(const char *text, int64_t *ttl_s_out)
{
    static const struct { char letter; long seconds; } units[] = {
        { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
    };
    char *unit;
    long count = strtol(text, &unit, 10);

    if (text[0] < '0' || text[0] > '9' || unit[0] == '\0' || unit[1] != '\0')
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (units[i].letter == unit[0] && count >= 1 && count <= TTL_MAX_S / units[i].seconds) {
            *ttl_s_out = count * units[i].seconds;
            return true;
        }
    return false;
}

static void read_options(struct admin *admin, int argc, char **argv, struct token_wish *wish)
{
    int64_t ttl_s = TTL_DEFAULT_S;
    int option;

    while ((option = command_line_next(&admin->line, argc, argv)) != -1) {
        if (option == 's')
            wish->subject = optarg;
        else if (option == 'r' && !parse_role(optarg, &wish->role))
            command_line_misused(&admin->line, "--role must be user, shop or admin, not '%s'",
                                 optarg);
        else if (option == 't' && !parse_ttl(optarg, &ttl_s))
            command_line_misused(&admin->line, "--ttl must be like 90s, 15m, 1h or 30d, not '%s'",
                                 optarg);
    }
    command_line_end(&admin->line, argc, argv);
    if (wish->subject == NULL)
        command_line_misused(&admin->line, "--sub SUBJECT is missing");
    if (wish->role == ROLE_NONE)
        command_line_misused(&admin->line, "--role user, shop or admin is missing");
    wish->expires_at_s = wish->issued_at_s + ttl_s;
}

/* 0, or the status after a complaint. */
static int load_rules(struct admin *admin, struct token_rules *rules_out)
{
    struct config config;

    if (!admin_load_config(admin, CONFIG_ADMIN, &config) ||
        !admin_load_token_key(admin, &config, &rules_out->key))
        return CONFIG_EXIT_STATUS;
    if (rules_out->key.algorithm != TOKEN_HS256) {
        fprintf(stderr,
                "payapi-admin: JWT_ALGORITHM is %s: only the holder of the private key can sign a"
                " token\n",
                token_algorithm_name(rules_out->key.algorithm));
        return ADMIN_FAILED;
    }
    rules_out->issuer = config.jwt_issuer;
    rules_out->audience = config.jwt_audience;
    rules_out->lifetime_max_s = config.jwt_max_lifetime_s;
    rules_out->memory = NULL;
    return 0;
}

static int run(struct admin *admin, int argc, char **argv)
{
    struct token_wish wish = { .issued_at_s = clock_now_ms() / 1000 };
    struct token_rules rules;
    const char *token;
    int status;

    read_options(admin, argc, argv, &wish);
    status = load_rules(admin, &rules);
    if (status != 0)
        return status;
    if (rules.lifetime_max_s > 0 && wish.expires_at_s - wish.issued_at_s > rules.lifetime_max_s)
        command_line_misused(&admin->line, "--ttl is longer than JWT_MAX_LIFETIME_S, %d s",
                             rules.lifetime_max_s);
    token = token_mint(admin->arena, &rules, &wish);
    if (token == NULL)
        command_line_misused(&admin->line, "--sub '%s' cannot be used in a token", wish.subject);
    puts(token);
    return 0;
}

static const struct option options[] = {
    { "sub", required_argument, NULL, 's' },
    { "role", required_argument, NULL, 'r' },
    { "ttl", required_argument, NULL, 't' },
    { NULL, 0, NULL, 0 },
};

const struct admin_command admin_token = {
    .name = "token",
    .arguments = "--sub SUBJECT --role user|shop|admin [--ttl TIME]",
    .summary = "Print a bearer token, signed with JWT_SECRET (HS256).",
    .explanation =
        "  --sub SUBJECT           the caller: the id of a customer, or of an operator\n"
        "  --role user|shop|admin  may do what a customer may, or the shop for one, or everything\n"
        "  --ttl TIME              its lifetime: 90s, 15m, 1h or 30d (default 1h, at most 366d)\n",
    .options = options,
    .run = run,
};
