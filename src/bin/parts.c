#include <config.h>

#include "parts.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "application/provider.h"
#include "base/command_line.h"
#include "base/metrics.h"
#include "infrastructure/audit_key_file.h"
#include "infrastructure/audit_record_file.h"
#include "infrastructure/authorship_keys.h"
#include "infrastructure/hardening/harden.h"
#include "infrastructure/live/live_ticket.h"
#include "infrastructure/providers/breaker.h"
#include "infrastructure/shared_memory.h"
#include "infrastructure/webhooks_out/webhook_secrets.h"

void parts_die(const char *program, int status, const char *reason)
{
    fprintf(stderr, "%s: %s\n", program, reason);
    exit(status);
}

static void load_audit(struct parts *parts)
{
    const struct audit_key_files files = {
        parts->config.audit_signing_key_file, parts->config.audit_public_key_file,
        parts->config.audit_retired_keys_file,
    };
    const char *complaint = NULL;

    if (!audit_key_load(parts->arena, &files, &parts->settings.audit_key, &complaint))
        parts_die(parts->program, CONFIG_EXIT_STATUS, complaint);
    parts->settings.audit_record = audit_record_at(parts->arena, parts->config.audit_record_file);
}

struct parts_options parts_read_options(const char *program, const char *help, int argc,
                                        char **argv)
{
    static const struct option known[] = {
        { "config", required_argument, NULL, 'c' },
        { "check", no_argument, NULL, 'k' },
        { NULL, 0, NULL, 0 },
    };
    const struct command_line line = { .program = program, .help = help, .options = known };
    struct parts_options options = { .check = false };
    int option;

    while ((option = command_line_next(&line, argc, argv)) != -1) {
        if (option == 'c')
            options.config_file = optarg;
        else
            options.check = true;
    }
    command_line_end(&line, argc, argv);
    return options;
}

/* Before fork(). Without the file, or if it is of another version, each pool counts for itself. */
static void share_metrics(const struct config *config)
{
    const char *complaint = "of another version";
    void *memory = *config->metrics_file == '\0' ? NULL
        : shared_memory_open(config->metrics_file, metrics_memory_size(), &complaint);

    if (*config->metrics_file != '\0' && (memory == NULL || !metrics_use(memory)))
        log_event(LOG_LEVEL_WARN, "metrics_not_shared", LOG_TEXT("cause", complaint));
    metrics_set(METRIC_BUILD, 1, METRIC_VALUES(PACKAGE_VERSION));
}

void parts_load_reader(struct parts *parts, const char *config_file, enum config_program reader,
                       const char *log_name)
{
    struct config_report report;

    parts->arena = arena_new();
    if (!config_load(parts->arena, config_file, reader, &parts->config, &report))
        parts_die(parts->program, CONFIG_EXIT_STATUS, report.error);
    log_open(log_name, parts->config.log_level);
    if (report.warning[0] != '\0')
        log_event(LOG_LEVEL_WARN, "configuration", LOG_TEXT("cause", report.warning));
    share_metrics(&parts->config);
}

static void make_settings(struct parts *parts, enum config_program reader)
{
    parts->settings = config_settings(&parts->config);
    load_audit(parts);
    parts->settings.ready_at_ms = shared_memory_new(sizeof(*parts->settings.ready_at_ms));
    parts->settings.authorship = authorship_new(parts->arena, &parts->config.authorship_keys);
    parts->settings.webhook_secrets = webhook_secrets_new(parts->arena,
                                                          parts->config.webhook_signing_secret);
    if (reader == CONFIG_FAST)
        parts->settings.live_tickets = live_tickets_new(parts->arena,
                                                        &parts->config.authorship_keys);
}

static void make_providers(struct parts *parts)
{
    const char *complaint = providers_make(parts->arena, &parts->config, parts->providers);

    if (complaint != NULL)
        parts_die(parts->program, CONFIG_EXIT_STATUS, complaint);
}

/* State shared by the workers of a pool; must be made before fork(). All zero is a valid start. */
struct shared {
    atomic_uint          health_told;
    atomic_bool          room_told;
};

static void share(struct parts *parts)
{
    const char *complaint;              /* ignored here: make_providers reports it */
    struct shared *shared = shared_memory_new(sizeof(*shared));

    parts->room_told = &shared->room_told;
    parts->settings.health_told = &shared->health_told;
    parts->news =
        breaker_board_news(breaker_board_open(parts->config.provider_health_file, &complaint));
}

void parts_load(struct parts *parts, const char *config_file, enum config_program reader,
                const char *log_name)
{
    parts_load_reader(parts, config_file, reader, log_name);
    make_settings(parts, reader);
    share(parts);
    make_providers(parts);
    config_forget_providers(&parts->config);
}

static struct store_settings store_settings(const struct parts *parts, const char *application_name)
{
    const struct config *config = &parts->config;
    bool names_user = *config->database_url == '\0' || config->database_user_wins;

    return (struct store_settings) {
        .url = *config->database_url != '\0' ? config->database_url : NULL,
        .host = config->database_host,
        .port = arena_printf(parts->arena, "%d", config->database_port),
        .user = names_user ? config->database_user : NULL,
        .password = names_user ? config->database_password : NULL,
        .name = config->database_name,
        .application_name = application_name,
        .news = parts->news,
    };
}

struct store *parts_new_store(const struct parts *parts, const char *application_name)
{
    struct store_settings *kept = arena_alloc(parts->arena, sizeof(*kept));

    *kept = store_settings(parts, application_name);
    return store_new(kept);
}

/* --- Giving up what is no longer needed ---------------------------------------------------- */

/*
 * Test builds write files: gcov writes its counts when a process ends, fault points take lines from
 * a file.
 */
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

/* The files that the connection needs, and the record that the last checkpoint is compared with. */
static const char *const *readable_files(const struct parts *parts, const char *record)
{
    const struct store_settings store = store_settings(parts, "");
    const char *const *files = store_settings_files(parts->arena, &store);
    const char **all;
    size_t count = 0;

    while (files[count] != NULL)
        count++;
    all = arena_alloc(parts->arena, (count + 2) * sizeof(*all));
    memcpy(all, files, count * sizeof(*all));
    all[count] = record;
    all[count + 1] = NULL;
    return all;
}

void parts_confine(const struct parts *parts)
{
    const char *record = audit_record_folder(parts->settings.audit_record);
    const struct harden_plan plan = {
        .readable = readable_files(parts, record),
        .descriptors = parts->descriptors,
        .replaceable = parts->keeps_record ? record : NULL,
        .writable = writable_folder(parts->arena),
    };

    config_forget_environment();
#ifndef SANITIZERS                      /* their leak checker starts a child that traces us */
    if (parts->config.process_confinement)
        harden(&plan);
#else
    (void) plan;
#endif
}
