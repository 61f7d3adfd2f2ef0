/* Opens the database for a subcommand and makes the context of its use case. */
#include "admin_store.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "infrastructure/audit_key_file.h"
#include "infrastructure/audit_record_file.h"
#include "infrastructure/authorship_keys.h"
#include "infrastructure/clock.h"
#include "infrastructure/postgres/store_pg.h"
#include "infrastructure/webhooks_out/webhook_secrets.h"

static void release_store(void *store)
{
    store_free(store);
}

static struct store *make_store(struct arena *arena, const struct config *config)
{
    struct store_settings *settings = arena_alloc(arena, sizeof(*settings));
    bool names_user = *config->database_url == '\0' || config->database_user_wins;

    *settings = (struct store_settings) {
        .url = *config->database_url != '\0' ? config->database_url : NULL,
        .host = config->database_host,
        .port = arena_printf(arena, "%d", config->database_port),
        .user = names_user ? config->database_user : NULL,
        .password = names_user ? config->database_password : NULL,
        .name = config->database_name,
        .application_name = "payapi-admin",
    };
    return arena_adopt(arena, store_new(settings), release_store);
}

/* Anybody can set SUDO_UID, so it counts only when root runs the program, as sudo does. */
static uid_t operator_uid(void)
{
    const char *text = getuid() == 0 ? getenv("SUDO_UID") : NULL;
    char *end = NULL;
    unsigned long uid = text != NULL ? strtoul(text, &end, 10) : 0;

    if (text != NULL && *text >= '0' && *text <= '9' && *end == '\0' && uid < UINT32_MAX)
        return (uid_t) uid;
    return getuid();
}

const char *admin_operator(struct arena *arena)
{
    uid_t uid = operator_uid();
    const struct passwd *account = getpwuid(uid);

    if (account == NULL)
        return arena_printf(arena, "cli.uid-%lu", (unsigned long) uid);
    return arena_printf(arena, "cli.%s", account->pw_name);
}

static bool load_audit(struct admin *admin, const struct config *config, struct settings *settings)
{
    const struct audit_key_files files = {
        config->audit_signing_key_file, config->audit_public_key_file,
        config->audit_retired_keys_file,
    };
    const char *complaint = NULL;

    settings->audit_record = audit_record_at(admin->arena, config->audit_record_file);
    if (audit_key_load(admin->arena, &files, &settings->audit_key, &complaint))
        return true;
    fprintf(stderr, "payapi-admin: %s\n", complaint);
    return false;
}

static void fill(struct admin *admin, struct admin_session *session)
{
    session->ctx = ctx_new(admin->arena, make_store(admin->arena, &session->config),
                           session->providers, &session->settings, clock_now_ms());
    session->ctx.trace_id = ctx_new_trace_id(admin->arena);
    session->ctx.method = "CLI";
    session->ctx.path = "/";
    session->ctx.actor = (struct actor) { ROLE_ADMIN, admin_operator(admin->arena), ACTOR_CALLER };
}

static int open_session(struct admin *admin, struct admin_session *session_out)
{
    log_open("admin", session_out->config.log_level);
    session_out->settings = config_settings(&session_out->config);
    if (session_out->config.authorship_keys.count > 0)
        session_out->settings.authorship = authorship_new(admin->arena,
                                                          &session_out->config.authorship_keys);
    session_out->settings.webhook_secrets =
        webhook_secrets_new(admin->arena, session_out->config.webhook_signing_secret);
    if (!load_audit(admin, &session_out->config, &session_out->settings))
        return CONFIG_EXIT_STATUS;
    fill(admin, session_out);
    return admin_report(store_ready(&session_out->ctx));
}

int admin_open(struct admin *admin, struct admin_session *session_out)
{
    session_out->providers[0] = NULL;
    if (!admin_load_config(admin, CONFIG_ADMIN, &session_out->config))
        return CONFIG_EXIT_STATUS;
    return open_session(admin, session_out);
}

int admin_open_sealer(struct admin *admin, struct admin_session *session_out)
{
    session_out->providers[0] = NULL;
    if (!admin_load_config(admin, CONFIG_ADMIN, &session_out->config))
        return CONFIG_EXIT_STATUS;
    config_use_jobs_user(&session_out->config);
    return open_session(admin, session_out);
}

int admin_open_providers(struct admin *admin, struct admin_session *session_out)
{
    const char *complaint;

    if (!admin_load_config(admin, CONFIG_JOBS, &session_out->config))
        return CONFIG_EXIT_STATUS;
    complaint = providers_make(admin->arena, &session_out->config, session_out->providers);
    if (complaint == NULL)
        return open_session(admin, session_out);
    fprintf(stderr, "payapi-admin: %s\n", complaint);
    return CONFIG_EXIT_STATUS;
}

int admin_report(const struct problem *problem)
{
    if (problem == OK)
        return EX_OK;
    fprintf(stderr, "payapi-admin: %s%s%s\n", problem->detail,
            problem->cause != NULL ? " " : "", problem->cause != NULL ? problem->cause : "");
    return problem->type == PROBLEM_DATABASE_UNAVAILABLE ? EX_UNAVAILABLE : ADMIN_FAILED;
}
