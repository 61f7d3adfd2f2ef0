#include "parts.h"

#include <config.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>

#include "application/provider.h"
#include "infrastructure/audit_key_file.h"
#include "infrastructure/hardening/harden.h"
#include "infrastructure/providers/breaker.h"
#include "infrastructure/providers/stripe/stripe.h"

void parts_die(const char *program, int status, const char *reason)
{
    fprintf(stderr, "%s: %s\n", program, reason);
    exit(status);
}

static void load_config(struct parts *parts, const char *config_file, enum config_program reader,
                        const char *log_name)
{
    struct config_report report;
    const char *complaint = NULL;

    if (!config_load(parts->arena, config_file, reader, &parts->config, &report))
        parts_die(parts->program, CONFIG_EXIT_STATUS, report.error);
    log_open(log_name, parts->config.log_level);
    if (report.warning[0] != '\0')
        log_event(LOG_LEVEL_WARN, "configuration", LOG_TEXT("cause", report.warning));
    parts->settings = config_settings(&parts->config);
    if (!audit_key_load(parts->arena, parts->config.audit_signing_key_file,
                        parts->config.audit_public_key_file, &parts->settings.audit_key, &complaint))
        parts_die(parts->program, CONFIG_EXIT_STATUS, complaint);
}

/* What a provider's state is without the file, only this pool knows. */
static struct breaker_board *open_board(const struct config *config)
{
    const char *complaint;
    struct breaker_board *board = breaker_board_open(config->provider_health_file, &complaint);

    if (complaint != NULL)
        log_event(LOG_LEVEL_WARN, "provider_health_not_shared",
                  LOG_TEXT("file", config->provider_health_file), LOG_TEXT("cause", complaint));
    return board;
}

static void make_providers(struct parts *parts)
{
    const struct config *config = &parts->config;
    struct stripe_settings stripe = {
        .secret_key = config->stripe_secret_key,
        .webhook_secret_count = config->stripe_webhook_secrets.count,
        .api_version = config->stripe_api_version,
        .api_base = config->stripe_api_base,
        .connect_timeout_ms = config->provider_connect_timeout_ms,
        .timeout_ms = config->provider_timeout_ms,
    };
    const char *complaint = NULL;

    struct provider *provider;

    for (int i = 0; i < stripe.webhook_secret_count && i < STRIPE_WEBHOOK_SECRETS_MAX; i++)
        stripe.webhook_secrets[i] = config->stripe_webhook_secrets.items[i];
    provider = stripe_new(&stripe, &complaint);
    if (provider == NULL)
        parts_die(parts->program, CONFIG_EXIT_STATUS, complaint);
    breaker_guard(open_board(config), provider, config->provider_breaker_failures);
    parts->providers[0] = provider;
    if (strcmp(config->payment_provider, "auto") != 0
        && strcmp(config->payment_provider, parts->providers[0]->name) != 0)
        parts_die(parts->program, CONFIG_EXIT_STATUS,
                  "PAYMENT_PROVIDER must be stripe: no other provider is configured");
}

void parts_load(struct parts *parts, const char *config_file, enum config_program reader,
                const char *log_name)
{
    parts->arena = arena_new();
    load_config(parts, config_file, reader, log_name);
    make_providers(parts);
    config_forget_providers(&parts->config);
}

static struct store_settings store_settings(const struct parts *parts, const char *application_name)
{
    const struct config *config = &parts->config;

    return (struct store_settings) {
        .url = *config->database_url != '\0' ? config->database_url : NULL,
        .host = config->database_host,
        .port = arena_printf(parts->arena, "%d", config->database_port),
        .user = config->database_user,
        .password = config->database_password,
        .name = config->database_name,
        .application_name = application_name,
    };
}

struct store *parts_new_store(const struct parts *parts, const char *application_name)
{
    struct store_settings *kept = arena_alloc(parts->arena, sizeof(*kept));

    *kept = store_settings(parts, application_name);
    return store_new(kept);
}

/* --- Giving up what is not needed any more ------------------------------------------------- */

/* Builds for tests leave traces: gcov counts at the end of a process, fault points take lines from a file. */
static const char *writable_folder(struct arena *arena)
{
#ifdef COVERAGE
    (void) arena;
    return "/";
#elif defined(FAULT_POINTS)
    char *folder = arena_strdup(arena, getenv("PAYAPI_FAULT_FILE"));

    return folder != NULL ? dirname(folder) : NULL;
#else
    (void) arena;
    return NULL;
#endif
}

void parts_confine(const struct parts *parts)
{
    const struct store_settings store = store_settings(parts, "");
    const struct harden_plan plan = {
        .readable = store_settings_files(parts->arena, &store),
        .writable = writable_folder(parts->arena),
    };

    config_forget_environment();
#ifndef SANITIZERS                      /* whose leak checker starts a child that traces us */
    if (parts->config.process_sandbox)
        harden(&plan);
#else
    (void) plan;
#endif
}
