#include "infrastructure/config.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "application/idempotency.h"
#include "application/store/store.h"
#include "infrastructure/config_source.h"

enum kind {
    TEXT,
    INTEGER,                    /* min..max */
    SECRET,                     /* at least min bytes; NAME_FILE is possible */
    SECRET_ONE,                 /* a secret that is a list of one: commas are part of it */
    SECRET_LIST,  /* up to max of them, separated by commas, each at least min bytes */
    URL_BARE,                   /* http or https; kept without '/' at the end */
    URL_SLASH,                  /* ... kept with it */
    LEVEL,
    ORIGINS,                    /* scheme, host and perhaps port, separated by blanks */
    NETWORKS,                   /* addresses, each perhaps with /BITS, separated by blanks */
    SWITCH                      /* on or off */
};

#define AT(member) offsetof(struct config, member)
#define WORKERS    (CONFIG_FAST | CONFIG_PROVIDER)
#define SERVERS    (WORKERS | CONFIG_JOBS)
#define MINUTE_MS  60000
#define DAY_S      86400
#define YEAR_S     31622400

/*
 * A process that calls a provider holds a lease, and another takes over when that runs out. Five
 * seconds of it are for the transactions around the call: a longer call could end in two calls at a
 * time.
 */
#define CALL_MAX_MS 25000
_Static_assert(CALL_MAX_MS + 5000 <= CALL_LEASE_S * 1000, "a call must end within its lease");
_Static_assert(CALL_MAX_MS + 5000 <= IDEMPOTENCY_LEASE_S * 1000, "and within its key's");

/*
 * Stripe accepts pages that end 30 minutes to 24 hours from now, by its own clock (its reference,
 * Checkout Session, expires_at). A minute at each end allows for clocks that differ.
 */
#define PAGE_LEAST_MIN 31
#define PAGE_MOST_MIN  1439

/* nginx's clock is a few milliseconds behind ours: less would refuse what never waited. */
#define QUEUE_LEAST_MS 100

/* Every setting: name, kind, where it goes, default, range, and which programs require it. */
static const struct setting {
    const char *name;
    enum kind   kind;
    size_t      offset;
    const char *fallback;
    int         min;
    int         max;
    unsigned    required_by;
} settings[] = {
    { "DATABASE_URL",                SECRET,      AT(database_url),                "", 0, 0, 0 },
    { "DATABASE_HOST",               TEXT,        AT(database_host),      "localhost", 0, 0, 0 },
    { "DATABASE_PORT",               INTEGER,     AT(database_port),           "5432",
      1, 65535, 0 },
    { "DATABASE_USER",               TEXT,        AT(database_user),            "dev", 0, 0, 0 },
    { "DATABASE_PASSWORD",           SECRET,      AT(database_password),        "dev", 0, 0, 0 },
    { "DATABASE_NAME",               TEXT,        AT(database_name),     "payment_db", 0, 0, 0 },
    { "DATABASE_JOBS_USER",          TEXT,        AT(database_jobs_user),          "", 0, 0, 0 },
    { "DATABASE_JOBS_PASSWORD",      SECRET,      AT(database_jobs_password),      "", 0, 0, 0 },
    { "DATABASE_STREAM_USER",        TEXT,        AT(database_stream_user),        "", 0, 0, 0 },
    { "DATABASE_STREAM_PASSWORD",    SECRET,      AT(database_stream_password),    "", 0, 0, 0 },
    { "DATABASE_DELIVER_USER",       TEXT,        AT(database_deliver_user),       "", 0, 0, 0 },
    { "DATABASE_DELIVER_PASSWORD",   SECRET,      AT(database_deliver_password),   "", 0, 0, 0 },
    { "DATABASE_OWNER_USER",         TEXT,        AT(database_owner_user),         "", 0, 0, 0 },
    { "DATABASE_OWNER_PASSWORD",     SECRET,      AT(database_owner_password),     "", 0, 0, 0 },
    { "PORT",                        INTEGER,     AT(port),                    "3000",
      1, 65535, 0 },
    { "PUBLIC_BASE_URL",             URL_BARE,    AT(public_base_url),
      "http://127.0.0.1:3000", 0, 0, 0 },
    { "PROBLEM_BASE_URL",            URL_SLASH,   AT(problem_base_url),
      "https://api.example.com/errors/", 0, 0, 0 },
    { "JWT_ALGORITHM",               TEXT,        AT(jwt_algorithm),          "HS256", 0, 0, 0 },
    { "JWT_SECRET",                  SECRET,      AT(jwt_secret),                  "",
      JWT_SECRET_BYTES_MIN, 0, 0 },
    { "JWT_PUBLIC_KEY_FILE",         TEXT,        AT(jwt_public_key_file),         "", 0, 0, 0 },
    { "JWT_ISSUER",                  TEXT,        AT(jwt_issuer),                  "", 0, 0, 0 },
    { "JWT_AUDIENCE",                TEXT,        AT(jwt_audience),                "", 0, 0, 0 },
    { "JWT_MAX_LIFETIME_S",          INTEGER,     AT(jwt_max_lifetime_s),           "0",
      0, YEAR_S, 0 },
    { "RETURN_URL_ORIGINS",          ORIGINS,     AT(return_url_origins),          "", 0, 0, 0 },
    { "PAYMENT_PROVIDER",            TEXT,        AT(payment_provider),            "", 0, 0, 0 },
#define PROVIDER_SETTING(id, name, kind, member, fallback, min, max) \
    { name, kind, AT(providers[PROVIDER_##id].member), fallback, min, max, 0 },
#include "application/providers.def"
    { "AUTHORSHIP_KEY",              SECRET_LIST, AT(authorship_keys),             "",
      AUTHORSHIP_KEY_BYTES_MIN, CONFIG_LIST_MAX, SERVERS },
    { "PROVIDER_CONNECT_TIMEOUT_MS", INTEGER,     AT(provider_connect_timeout_ms), "3000",
      100, CALL_MAX_MS, 0 },
    { "PROVIDER_TIMEOUT_MS",         INTEGER,     AT(provider_timeout_ms),        "10000",
      100, CALL_MAX_MS, 0 },
    { "PROVIDER_BREAKER_FAILURES",   INTEGER,     AT(provider_breaker_failures),     "10",
      0, 1000000, 0 },
    { "PROVIDER_HEALTH_FILE",        TEXT,        AT(provider_health_file),
      "/dev/shm/payapi-providers", 0, 0, 0 },
    { "METRICS_FILE",                TEXT,        AT(metrics_file),
      "/dev/shm/payapi-metrics", 0, 0, 0 },
    { "CHECKOUT_TTL_MIN",            INTEGER,     AT(checkout_ttl_min),              "60",
      PAGE_LEAST_MIN, PAGE_MOST_MIN, 0 },
    { "IDEMPOTENCY_TTL_H",           INTEGER,     AT(idempotency_ttl_h),             "72",
      1, 8760, 0 },
    { "RECOVERY_FIRST_DELAY_MS",     INTEGER,     AT(recovery_first_delay_ms),     "5000",
      100, MINUTE_MS, 0 },
    { "EVENTS_PULL_INTERVAL_S",      INTEGER,     AT(events_pull_interval_s),       "300",
      1, DAY_S, 0 },
    { "WEBHOOK_BODY_RETENTION_DAYS", INTEGER,     AT(webhook_body_retention_days),   "90",
      1, 3650, 0 },
    { "WEBHOOK_SIGNING_SECRET",      SECRET,      AT(webhook_signing_secret),      "",
      WEBHOOK_SIGNING_SECRET_BYTES_MIN, 0, CONFIG_PROVIDER | CONFIG_DELIVER },
    { "WEBHOOK_ALLOW_NETS",          NETWORKS,    AT(webhook_allow_nets),          "", 0, 0, 0 },
    { "WEBHOOK_DELIVERY_RETENTION_DAYS", INTEGER, AT(webhook_delivery_retention_days), "30",
      15, 3650, 0 },
    { "RECONCILE",                   SWITCH,      AT(reconcile),                   "on", 0, 0, 0 },
    { "TRUSTED_PROXIES",             NETWORKS,    AT(trusted_proxies),             "", 0, 0, 0 },
    { "RATE_LIMITS",                 SWITCH,      AT(rate_limits),                 "on", 0, 0, 0 },
    { "REQUEST_QUEUE_LIMIT_MS",      INTEGER,     AT(request_queue_limit_ms),      "5000",
      QUEUE_LEAST_MS, MINUTE_MS, 0 },
    { "STREAMS_MAX",                 INTEGER,     AT(streams_max),                 "1000",
      1, 10000, 0 },
    { "STREAMS_PER_CALLER",          INTEGER,     AT(streams_per_caller),             "4",
      1, 10000, 0 },
    { "STREAM_LIFETIME_S",           INTEGER,     AT(stream_lifetime_s),            "900",
      1, DAY_S, 0 },
    { "STREAM_LINGER_S",             INTEGER,     AT(stream_linger_s),               "60",
      0, DAY_S, 0 },
    { "STREAM_COMMENT_S",            INTEGER,     AT(stream_comment_s),              "15",
      1, 60, 0 },
    { "AUDIT_SIGNING_KEY_FILE",      TEXT,        AT(audit_signing_key_file),      "", 0, 0, 0 },
    { "AUDIT_PUBLIC_KEY_FILE",       TEXT,        AT(audit_public_key_file),       "", 0, 0, 0 },
    { "AUDIT_RETIRED_KEYS_FILE",     TEXT,        AT(audit_retired_keys_file),     "", 0, 0, 0 },
    { "AUDIT_RECORD_FILE",           TEXT,        AT(audit_record_file),
      "/var/lib/payapi/audit-record", 0, 0, 0 },
    { "LOG_LEVEL",                   LEVEL,       AT(log_level),                   "info",
      0, 0, 0 },
    { "PROCESS_CONFINEMENT",         SWITCH,      AT(process_confinement),         "on", 0, 0, 0 },
};

/* Former names of settings. They are still accepted; where both are set, the new one counts. */
static const struct { const char *former, *name; } renamed[] = {
    { "PROCESS_SANDBOX", "PROCESS_CONFINEMENT" },
};

/* Settings in the same file that only ./dev and payapi-render-site read. */
static const char *const names_of_others[] = {
    "VAR_DIR", "SANDBOX_PORT", "FAST_WORKERS", "PROVIDER_WORKERS", "WEBHOOK_SOURCES",
    "NGINX_CONNECTIONS", "METRICS_LISTEN", "METRICS_ALLOW",
    "SERVER_NAME", "TLS_CERTIFICATE", "TLS_CERTIFICATE_KEY", "LISTEN_ADDRESSES", "HTTPS_PORT",
    "HTTP_PORT", "SOCKET_DIR", "NGINX_USER", "NGINX_WORKERS", "NGINX_LOG_DIR", "NGINX_TMP_DIR",
    "NGINX_PID",
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_secret(const struct setting *setting)
{
    return setting->kind == SECRET || setting->kind == SECRET_ONE || setting->kind == SECRET_LIST;
}

/* --- Text to value ------------------------------------------------------------------------- */

struct reading {
    struct arena         *arena;        /* the configuration's: what is read is copied there */
    const struct setting *setting;
    const char           *text;
    void                 *place;        /* the member of struct config */
    struct config_report *report;
};

static bool read_text(const struct reading *reading)
{
    *(const char **) reading->place = arena_strdup(reading->arena, reading->text);
    return true;
}

static bool read_integer(const struct reading *reading)
{
    const struct setting *setting = reading->setting;
    size_t size = strlen(reading->text);
    long value;

    errno = 0;
    value = strtol(reading->text, NULL, 10);
    if (size == 0 || strspn(reading->text, "0123456789") != size || errno != 0 ||
        value < setting->min || value > setting->max)
        return config_fail(reading->report, "%s must be a whole number from %d to %d, not '%.60s'",
                           setting->name, setting->min, setting->max, reading->text);
    *(int *) reading->place = (int) value;
    return true;
}

static bool read_secret(const struct reading *reading)
{
    const struct setting *setting = reading->setting;

    if (*reading->text != '\0' && strlen(reading->text) < (size_t) setting->min)
        return config_fail(reading->report, "%s must have at least %d bytes", setting->name,
                           setting->min);
    return read_text(reading);
}

static bool read_secret_one(const struct reading *reading)
{
    struct config_list *list = reading->place;

    if (*reading->text != '\0')
        list->items[list->count++] = arena_strdup(reading->arena, reading->text);
    return true;
}

static bool read_secret_list(const struct reading *reading)
{
    struct config_list *list = reading->place;
    char *rest = arena_strdup(reading->arena, reading->text), *item;

    while ((item = strsep(&rest, ",")) != NULL) {
        item += strspn(item, " ");
        item[strcspn(item, " ")] = '\0';
        if (*item == '\0')
            continue;
        if (list->count == reading->setting->max)
            return config_fail(reading->report, "%s has more than %d entries",
                               reading->setting->name, reading->setting->max);
        if (strlen(item) < (size_t) reading->setting->min)
            return config_fail(reading->report, "%s has an entry of less than %d bytes",
                               reading->setting->name, reading->setting->min);
        list->items[list->count++] = item;
    }
    if (list->count == 0 && *reading->text != '\0')
        return config_fail(reading->report, "%s has no entry between its commas",
                           reading->setting->name);
    return true;
}

static bool is_http_url(const char *text)
{
    const char *host = strncmp(text, "https://", 8) == 0 ? text + 8
                     : strncmp(text, "http://", 7) == 0  ? text + 7 : "";

    if (*host == '\0' || *host == '/' || strlen(text) > 512 || strpbrk(text, "?#\"<>\\ ") != NULL)
        return false;
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

static bool read_url(const struct reading *reading)
{
    char *url = arena_printf(reading->arena, "%s", reading->text);
    size_t size = strlen(url);

    if (!is_http_url(url))
        return config_fail(reading->report, "%s must be an http or https address, not '%.100s'",
                           reading->setting->name, reading->text);
    while (url[size - 1] == '/')
        url[--size] = '\0';
    if (reading->setting->kind == URL_SLASH)
        url = arena_printf(reading->arena, "%s/", url);
    *(const char **) reading->place = url;
    return true;
}

static bool read_level(const struct reading *reading)
{
    static const struct { const char *name; enum log_level level; } levels[] = {
        { "error", LOG_LEVEL_ERROR }, { "warn", LOG_LEVEL_WARN },
        { "info", LOG_LEVEL_INFO }, { "debug", LOG_LEVEL_DEBUG },
    };

    for (size_t i = 0; i < COUNT(levels); i++)
        if (strcmp(levels[i].name, reading->text) == 0) {
            *(enum log_level *) reading->place = levels[i].level;
            return true;
        }
    return config_fail(reading->report, "%s must be error, warn, info or debug, not '%.60s'",
                       reading->setting->name, reading->text);
}

static bool read_origins(const struct reading *reading)
{
    char *rest = arena_strdup(reading->arena, reading->text), *item;

    while ((item = strsep(&rest, " ")) != NULL)
        if (*item != '\0' && (!is_http_url(item) || strchr(strstr(item, "://") + 3, '/') != NULL))
            return config_fail(reading->report,
                               "%s must be addresses like https://shop.example, without"
                               " a path, with blanks between them, not '%.60s'",
                               reading->setting->name, reading->text);
    return read_text(reading);
}

/* A network of zero bits is everybody: then anybody could pretend to be somebody else. */
static bool is_network(char *text)
{
    unsigned char address[sizeof(struct in6_addr)];
    char *slash = strchr(text, '/'), *end = "";
    long bits = 1, bits_max;

    if (slash != NULL) {
        *slash = '\0';
        bits = slash[1] >= '0' && slash[1] <= '9' ? strtol(slash + 1, &end, 10) : 0;
    }
    bits_max = inet_pton(AF_INET, text, address) == 1 ? 32
             : inet_pton(AF_INET6, text, address) == 1 ? 128 : 0;
    return bits >= 1 && bits <= bits_max && *end == '\0';
}

static bool read_networks(const struct reading *reading)
{
    char *rest = arena_strdup(reading->arena, reading->text), *item;

    while ((item = strsep(&rest, " ")) != NULL)
        if (*item != '\0' && !is_network(item))
            return config_fail(reading->report,
                               "%s must be addresses or networks with blanks between"
                               " them, not '%.60s'",
                               reading->setting->name, reading->text);
    return read_text(reading);
}

static bool read_switch(const struct reading *reading)
{
    bool on = strcmp(reading->text, "on") == 0;

    if (!on && strcmp(reading->text, "off") != 0)
        return config_fail(reading->report, "%s must be on or off, not '%.60s'",
                           reading->setting->name, reading->text);
    *(bool *) reading->place = on;
    return true;
}

static bool read_value(const struct reading *reading)
{
    switch (reading->setting->kind) {
    case TEXT:        return read_text(reading);
    case INTEGER:     return read_integer(reading);
    case SECRET:      return read_secret(reading);
    case SECRET_ONE:  return read_secret_one(reading);
    case SECRET_LIST: return read_secret_list(reading);
    case URL_BARE:
    case URL_SLASH:   return read_url(reading);
    case LEVEL:       return read_level(reading);
    case ORIGINS:     return read_origins(reading);
    case NETWORKS:    return read_networks(reading);
    case SWITCH:      return read_switch(reading);
    }
    return false;
}

/* --- The file's names ---------------------------------------------------------------------- */

static bool is_name_of(const struct setting *setting, const char *name)
{
    size_t size = strlen(setting->name);

    return strncmp(name, setting->name, size) == 0 &&
           (name[size] == '\0' || (is_secret(setting) && strcmp(name + size, "_FILE") == 0));
}

static const char *name_now(const char *name)
{
    for (size_t i = 0; i < COUNT(renamed); i++)
        if (strcmp(name, renamed[i].former) == 0)
            return renamed[i].name;
    return name;
}

static const struct setting *find_setting(const char *name)
{
    for (size_t i = 0; i < COUNT(settings); i++)
        if (is_name_of(&settings[i], name_now(name)))
            return &settings[i];
    return NULL;
}

static bool is_name_of_others(const char *name)
{
    for (size_t i = 0; i < COUNT(names_of_others); i++)
        if (strcmp(name, names_of_others[i]) == 0)
            return true;
    return false;
}

static bool check_lines(const struct config_source *source, struct config_report *report)
{
    bool secrets = false;

    for (int i = 0; i < source->line_count; i++) {
        const struct config_line *line = &source->lines[i];
        const struct setting *setting = find_setting(line->name);

        if (setting == NULL && !is_name_of_others(line->name))
            return config_fail(report, "%s line %d: there is no setting %.100s", source->path,
                               line->number, line->name);
        secrets |= *line->value != '\0' && setting != NULL && is_secret(setting) &&
                   strcmp(setting->name, line->name) == 0;
    }
    if (secrets && source->open_to_others)
        snprintf(report->warning, sizeof(report->warning),
                 "%s holds secrets and others may read or write it: chmod 600", source->path);
    return true;
}

/* --- All together -------------------------------------------------------------------------- */

/* The text under the setting's former name, or NULL. No secret was renamed. */
static const char *find_former(const struct config_source *source, const struct setting *setting)
{
    for (size_t i = 0; i < COUNT(renamed); i++)
        if (strcmp(setting->name, renamed[i].name) == 0)
            return config_source_find(source, renamed[i].former);
    return NULL;
}

static bool find_text(const struct config_source *source, const struct setting *setting,
                      const char **text_out, struct config_report *report)
{
    if (is_secret(setting))
        return config_source_find_secret(source, setting->name, text_out, report);
    *text_out = config_source_find(source, setting->name);
    if (*text_out == NULL)
        *text_out = find_former(source, setting);
    return true;
}

static bool load_setting(struct arena *arena, const struct config_source *source,
                         const struct setting *setting, enum config_program program,
                         struct config *config, struct config_report *report)
{
    struct reading reading = { .arena = arena, .setting = setting, .report = report,
                               .place = (char *) config + setting->offset };

    if (!find_text(source, setting, &reading.text, report))
        return false;
    if (reading.text == NULL && (setting->required_by & program) != 0)
        return config_fail(report, "%s is missing: set it in the environment%s%s", setting->name,
                           source->path != NULL ? " or in " : "",
                           source->path != NULL ? source->path : "");
    if (reading.text == NULL)
        reading.text = setting->fallback;
    return read_value(&reading);
}

/* --- The providers ------------------------------------------------------------------------- */

/* What a provider's webhooks are signed with. */
enum signer { SIGNED_BY_SECRET, SIGNED_BY_KEY };

static const enum signer signers[PROVIDERS_MAX] = {
#define PROVIDER(id, name, header, parameter, signer) signer,
#include "application/providers.def"
};

static bool has_provider(const struct config *config, enum provider_id id)
{
    return config->providers[id].secret_keys.count > 0;
}

static enum provider_id first_provider(const struct config *config)
{
    enum provider_id id = 0;

    while (id < PROVIDERS_MAX && !has_provider(config, id))
        id++;
    return id;
}

/* May PAYMENT_PROVIDER have this value? */
static bool is_default_provider(const struct config *config, const char *name)
{
    enum provider_id id;

    return strcmp(name, "auto") == 0 || (provider_find(name, &id) && has_provider(config, id));
}

/* The name of the setting that is kept in that member of the provider's configuration. */
static const char *setting_of(enum provider_id id, size_t member)
{
    size_t offset = AT(providers) + id * sizeof(struct provider_config) + member, i = 0;

    while (i < COUNT(settings) && settings[i].offset != offset)
        i++;
    assert(i < COUNT(settings));
    return settings[i].name;
}

static const char *key_setting(enum provider_id id)
{
    return setting_of(id, offsetof(struct provider_config, secret_keys));
}

static bool fail_without_provider(struct arena *arena, struct config_report *report)
{
    const char *others = "";

    for (enum provider_id id = 1; id < PROVIDERS_MAX; id++)
        others = arena_printf(arena, "%s, and %s", others, key_setting(id));
    return config_fail(report, "%s is missing%s: set at least one of them", key_setting(0), others);
}

static bool has_webhook_secrets(const struct config *config, struct config_report *report)
{
    for (enum provider_id id = 0; id < PROVIDERS_MAX; id++)
        if (has_provider(config, id) && signers[id] == SIGNED_BY_SECRET
            && config->providers[id].webhook_secrets.count == 0)
            return config_fail(report, "%s is missing: %s needs it",
                               setting_of(id, offsetof(struct provider_config, webhook_secrets)),
                               key_setting(id));
    return true;
}

/* Each provider is optional, but at least one must be set; checked once all settings are read. */
static bool check_providers(struct arena *arena, struct config *config, enum config_program program,
                            struct config_report *report)
{
    if (first_provider(config) == PROVIDERS_MAX)
        return fail_without_provider(arena, report);
    if ((program & CONFIG_FAST) != 0 && !has_webhook_secrets(config, report))
        return false;
    if (config->payment_provider[0] == '\0')
        config->payment_provider = provider_name(first_provider(config));
    if (!is_default_provider(config, config->payment_provider))
        return config_fail(report, "PAYMENT_PROVIDER must be auto, or one whose secret key is set"
                           " (of: %s), not '%.60s'", provider_names(), config->payment_provider);
    return true;
}

static void fill_in_timeouts(struct config *config)
{
    for (enum provider_id id = 0; id < PROVIDERS_MAX; id++) {
        struct provider_config *provider = &config->providers[id];

        provider->connect_timeout_ms = config->provider_connect_timeout_ms;
        if (provider->timeout_ms == 0)
            provider->timeout_ms = config->provider_timeout_ms;
    }
}

static bool load_all(struct arena *arena, struct config_source *source, const char *file,
                     enum config_program program, struct config *config,
                     struct config_report *report)
{
    if (!config_source_open(source->arena, file, source, report) || !check_lines(source, report))
        return false;
    for (size_t i = 0; i < COUNT(settings); i++)
        if (!load_setting(arena, source, &settings[i], program, config, report))
            return false;
    return true;
}

static void keep_what_is_needed(struct arena *arena, enum config_program program,
                                struct config *config);

/* The files' text, with every secret in it, is wiped together with the arena it was read into. */
bool config_load(struct arena *arena, const char *file, enum config_program program,
                 struct config *config_out, struct config_report *report_out)
{
    struct arena *scratch = arena_new();
    struct config_source *source = arena_alloc(scratch, sizeof(*source));
    struct config config = { 0 };
    bool loaded;

    *report_out = (struct config_report) { 0 };
    source->arena = scratch;
    loaded = load_all(arena, source, file, program, &config, report_out);
    arena_free(scratch);
    if (!loaded)
        return false;
    fill_in_timeouts(&config);
    if ((program & SERVERS) != 0 && !check_providers(arena, &config, program, report_out))
        return false;
    keep_what_is_needed(arena, program, &config);
    *config_out = config;
    return true;
}

/* Without a user of its own the program connects as DATABASE_USER. */
static void use_user(struct config *config, const char *user, const char *password)
{
    if (user[0] == '\0')
        return;
    config->database_user = user;
    if (password[0] != '\0')
        config->database_password = password;
    config->database_user_wins = true;
}

void config_use_jobs_user(struct config *config)
{
    use_user(config, config->database_jobs_user, config->database_jobs_password);
}

/* --- Forgetting ---------------------------------------------------------------------------- */

/* Wipes our own copy in the arena, and nobody else's. */
static void forget(const char **secret)
{
    if (*secret != NULL)
        explicit_bzero((char *) (uintptr_t) *secret, strlen(*secret));
    *secret = "";
}

static void forget_list(struct config_list *list)
{
    for (int i = 0; i < list->count; i++)
        forget(&list->items[i]);
    list->count = 0;
}

static void keep_beginning(const char *secret, size_t size)
{
    if (strlen(secret) > size)
        explicit_bzero((char *) (uintptr_t) secret + size, strlen(secret) - size);
}

/* A key begins with "sk_live_" or the like: that is its mode, which webhooks must match. */
static void keep_mode(const struct config_list *keys)
{
    for (int i = 0; i < keys->count; i++)
        keep_beginning(keys->items[i], sizeof("sk_live_") - 1);
}

/*
 * A program that takes webhooks needs only a key that signs them; one that takes none needs no
 * webhook secret.
 */
static void keep_what_calls_need(enum config_program program, struct config *config)
{
    for (enum provider_id id = 0; id < PROVIDERS_MAX; id++)
        if (program != CONFIG_FAST)
            forget_list(&config->providers[id].webhook_secrets);
        else if (signers[id] == SIGNED_BY_SECRET)
            keep_mode(&config->providers[id].secret_keys);
}

/* payapi-stream shows payments to callers whom a worker let in: it needs the database alone. */
static void keep_what_streams_need(struct config *config)
{
    forget(&config->jwt_secret);
    forget(&config->database_jobs_password);
    config_forget_providers(config);
    use_user(config, config->database_stream_user, config->database_stream_password);
}

/* payapi-deliver signs what it sends, and needs the database. */
static void keep_what_deliveries_need(struct config *config)
{
    forget(&config->jwt_secret);
    forget(&config->database_jobs_password);
    forget(&config->database_stream_password);
    config_forget_providers(config);
    use_user(config, config->database_deliver_user, config->database_deliver_password);
}

/* An intruder in one program must not find what only others need. */
static void keep_what_is_needed(struct arena *arena, enum config_program program,
                                struct config *config)
{
    if ((program & CONFIG_ADMIN) != 0)
        return;
    forget(&config->database_owner_password);           /* only for migrations */
    if (program == CONFIG_DELIVER) {
        keep_what_deliveries_need(config);
        return;
    }
    forget(&config->database_deliver_password);         /* only for deliveries */
    if (program != CONFIG_PROVIDER)                     /* it shows an endpoint's secret, once */
        forget(&config->webhook_signing_secret);
    if (program == CONFIG_STREAM) {
        keep_what_streams_need(config);
        return;
    }
    forget(&config->database_stream_password);          /* only for streams */
    if (program == CONFIG_JOBS) {
        forget(&config->jwt_secret);                    /* only for callers' tokens */
        config_use_jobs_user(config);
    } else {
        forget(&config->database_jobs_password);        /* only for sealing */
    }
    keep_what_calls_need(program, config);
    if ((program & WORKERS) == 0 || *config->audit_signing_key_file == '\0')
        return;
    if (*config->audit_public_key_file == '\0')         /* they verify, and never seal */
        config->audit_public_key_file =
            arena_printf(arena, "%s.pub", config->audit_signing_key_file);
    config->audit_signing_key_file = "";
}

void config_forget_providers(struct config *config)
{
    for (enum provider_id id = 0; id < PROVIDERS_MAX; id++) {
        forget_list(&config->providers[id].secret_keys);
        forget_list(&config->providers[id].webhook_secrets);
    }
    forget_list(&config->authorship_keys);
}

/* getenv returns the very text that /proc/PID/environ shows, so wiping it wipes both. */
void config_forget_environment(void)
{
    for (size_t i = 0; i < COUNT(settings); i++) {
        char *value = is_secret(&settings[i]) ? getenv(settings[i].name) : NULL;

        if (value == NULL)
            continue;
        explicit_bzero(value, strlen(value));
        unsetenv(settings[i].name);
    }
}

/* --- For the use cases --------------------------------------------------------------------- */

struct settings config_settings(const struct config *config)
{
    return (struct settings) {
        .default_provider = config->payment_provider,
        .problem_base_url = config->problem_base_url,
        .public_base_url = config->public_base_url,
        .return_url_origins = config->return_url_origins,
        .checkout_ttl_s = config->checkout_ttl_min * 60,
        .idempotency_ttl_h = config->idempotency_ttl_h,
        .recovery_first_delay_ms = config->recovery_first_delay_ms,
        .events_pull_interval_s = config->events_pull_interval_s,
        .webhook_body_retention_days = config->webhook_body_retention_days,
        .webhook_delivery_retention_days = config->webhook_delivery_retention_days,
        .webhook_allow_nets = config->webhook_allow_nets,
        .reconcile = config->reconcile,
        .rate_limits = config->rate_limits,
    };
}
