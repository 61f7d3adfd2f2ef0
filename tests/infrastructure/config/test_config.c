/* Settings: where they come from, what they must look like, and what is said when they do not. */
#include "infrastructure/config.h"

#include <config.h>

#include <inttypes.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "application/store/store.h"

#define AUTHORSHIP_KEY "0123456789abcdef0123456789abcdef"
#define SECRET "a secret of more than thirty-two bytes"

static const char *const names[] = {
    "DATABASE_URL", "DATABASE_HOST", "DATABASE_PORT", "DATABASE_USER",
    "DATABASE_PASSWORD", "DATABASE_NAME", "PORT", "PUBLIC_BASE_URL", "PROBLEM_BASE_URL", "JWT_SECRET",
    "JWT_ALGORITHM", "JWT_PUBLIC_KEY_FILE", "JWT_ISSUER", "JWT_AUDIENCE", "PAYMENT_PROVIDER",
    "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET",
    "AUTHORSHIP_KEY", "STRIPE_API_BASE", "STRIPE_API_VERSION", "PAYSTACK_SECRET_KEY", "PAYSTACK_BASE_URL",
    "PROVIDER_CONNECT_TIMEOUT_MS", "PROVIDER_TIMEOUT_MS", "CHECKOUT_TTL_MIN", "IDEMPOTENCY_TTL_H",
    "REQUEST_QUEUE_LIMIT_MS", "LOG_LEVEL", "PROCESS_CONFINEMENT", "PROCESS_SANDBOX",
    "STRIPE_TIMEOUT_MS", "PAYSTACK_TIMEOUT_MS", "TRUSTED_PROXIES", "RATE_LIMITS",
    "RETURN_URL_ORIGINS", "JWT_MAX_LIFETIME_S",
};

static struct {
    struct arena        *arena;
    struct config        config;
    struct config_report report;
    char                 folder[64];
} given;

static int given_an_empty_environment(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char file[64];

        snprintf(file, sizeof(file), "%s_FILE", names[i]);
        unsetenv(names[i]);
        unsetenv(file);
    }
    given.arena = arena_new();
    given.config = (struct config) { 0 };
    snprintf(given.folder, sizeof(given.folder), "/tmp/payapi-config-XXXXXX");
    return mkdtemp(given.folder) == NULL;
}

static int remove_the_files(void **state)
{
    char command[128];

    (void) state;
    arena_free(given.arena);
    snprintf(command, sizeof(command), "rm -rf '%s'", given.folder);
    return system(command);
}

static void given_the_required_settings(void)
{
    setenv("JWT_SECRET", SECRET, 1);
    setenv("STRIPE_SECRET_KEY", "sk_test_1", 1);
    setenv("STRIPE_WEBHOOK_SECRET", "whsec_1", 1);
    setenv("AUTHORSHIP_KEY", AUTHORSHIP_KEY, 1);
    setenv("WEBHOOK_SIGNING_SECRET", SECRET, 1);
}

static const char *given_a_file(const char *name, const char *text, size_t size, mode_t mode)
{
    const char *path = arena_printf(given.arena, "%s/%s", given.folder, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fwrite(text, 1, size, file);
    fclose(file);
    chmod(path, mode);
    return path;
}

static const char *given_lines(const char *text)
{
    return given_a_file("payapi.env", text, strlen(text), 0600);
}

static bool load(const char *file)
{
    return config_load(given.arena, file, CONFIG_FAST | CONFIG_ADMIN, &given.config, &given.report);
}

static void expect_error(const char *file, const char *words)
{
    if (load(file))
        fail_msg("loaded, but expected: %s", words);
    if (strstr(given.report.error, words) == NULL)
        fail_msg("'%s' does not say '%s'", given.report.error, words);
    assert_null(strchr(given.report.error, '\n'));
}

static const struct provider_config *stripe(void)
{
    return &given.config.providers[PROVIDER_STRIPE];
}

/* --- Defaults ------------------------------------------------------------------------------ */

static void what_is_not_set_has_the_documented_default(void **state)
{
    (void) state;
    given_the_required_settings();
    assert_true(load(NULL));
    assert_string_equal(given.config.database_host, "localhost");
    assert_int_equal(given.config.database_port, 5432);
    assert_string_equal(given.config.database_user, "dev");
    assert_string_equal(given.config.database_password, "dev");
    assert_string_equal(given.config.database_name, "payment_db");
    assert_string_equal(given.config.database_url, "");
    assert_string_equal(given.config.public_base_url, "http://127.0.0.1:3000");
    assert_string_equal(given.config.problem_base_url, "https://api.example.com/errors/");
    assert_string_equal(stripe()->base_url, "https://api.stripe.com");
    assert_string_equal(given.config.payment_provider, "stripe");
    assert_int_equal(given.config.port, 3000);
    assert_int_equal(given.config.checkout_ttl_min, 60);
    assert_int_equal(given.config.idempotency_ttl_h, 72);
    assert_int_equal(given.config.provider_connect_timeout_ms, 3000);
    assert_int_equal(given.config.provider_timeout_ms, 10000);
    assert_int_equal(given.config.request_queue_limit_ms, 5000);
    assert_int_equal(given.config.log_level, LOG_LEVEL_INFO);
    assert_int_equal(given.config.providers[PROVIDER_PAYSTACK].secret_keys.count, 0);
    assert_string_equal(given.report.warning, "");
}

static void the_use_cases_get_what_they_need(void **state)
{
    struct settings settings;

    (void) state;
    given_the_required_settings();
    assert_true(load(NULL));
    settings = config_settings(&given.config);
    assert_int_equal(settings.checkout_ttl_s, 3600);
    assert_int_equal(settings.idempotency_ttl_h, 72);
    assert_string_equal(settings.default_provider, "stripe");
    assert_string_equal(settings.public_base_url, "http://127.0.0.1:3000");
    assert_string_equal(settings.problem_base_url, "https://api.example.com/errors/");
}

static void the_former_name_of_a_setting_is_still_taken(void **state)
{
    (void) state;
    given_the_required_settings();
    assert_true(load(given_lines("PROCESS_SANDBOX=off\n")));
    assert_false(given.config.process_confinement);
    setenv("PROCESS_SANDBOX", "off", 1);
    assert_true(load(NULL));
    assert_false(given.config.process_confinement);
    setenv("PROCESS_CONFINEMENT", "on", 1);
    assert_true(load(NULL));
    assert_true(given.config.process_confinement);
}

/* --- Values -------------------------------------------------------------------------------- */

static void a_wrong_value_is_named_in_one_line(void **state)
{
    static const struct { const char *name, *value, *words; } wrong[] = {
        { "DATABASE_PORT", "0", "DATABASE_PORT must be a whole number from 1 to 65535" },
        { "DATABASE_PORT", "65536", "DATABASE_PORT" }, { "DATABASE_PORT", "54x", "DATABASE_PORT" },
        { "DATABASE_PORT", "-1", "DATABASE_PORT" }, { "DATABASE_PORT", "+5432", "DATABASE_PORT" },
        { "DATABASE_PORT", " 5432", "DATABASE_PORT" }, { "DATABASE_PORT", "0x10", "DATABASE_PORT" },
        { "PORT", "99999999999999999999", "PORT" }, { "PORT", "4294970296", "PORT" },
        { "CHECKOUT_TTL_MIN", "30", "CHECKOUT_TTL_MIN must be a whole number from 31 to 1439" },
        { "CHECKOUT_TTL_MIN", "1440", "CHECKOUT_TTL_MIN" },
        { "IDEMPOTENCY_TTL_H", "0", "IDEMPOTENCY_TTL_H" },
        { "REQUEST_QUEUE_LIMIT_MS", "1.5", "REQUEST_QUEUE_LIMIT_MS" },
        { "REQUEST_QUEUE_LIMIT_MS", "99", "_LIMIT_MS must be a whole number from 100 to 60000" },
        { "PROVIDER_TIMEOUT_MS", "10s", "PROVIDER_TIMEOUT_MS" },
        { "PROVIDER_TIMEOUT_MS", "25001", "_TIMEOUT_MS must be a whole number from 100 to 25000" },
        { "PROVIDER_CONNECT_TIMEOUT_MS", "25001", "PROVIDER_CONNECT_TIMEOUT_MS" },
        { "STRIPE_TIMEOUT_MS", "25001", "_TIMEOUT_MS must be a whole number from 0 to 25000" },
        { "PAYSTACK_TIMEOUT_MS", "25001", "PAYSTACK_TIMEOUT_MS" },
        { "PROVIDER_CONNECT_TIMEOUT_MS", "99", "PROVIDER_CONNECT_TIMEOUT_MS" },
        { "LOG_LEVEL", "verbose", "LOG_LEVEL must be error, warn, info or debug" },
        { "LOG_LEVEL", "INFO", "LOG_LEVEL" },
        { "PROCESS_CONFINEMENT", "yes", "PROCESS_CONFINEMENT must be on or off" },
        { "PROCESS_SANDBOX", "yes", "PROCESS_CONFINEMENT must be on or off" },
        { "JWT_SECRET", "short", "JWT_SECRET must have at least 32 bytes" },
        { "JWT_SECRET", "1234567890123456789012345678901", "JWT_SECRET" },
        { "TRUSTED_PROXIES", "balancer", "TRUSTED_PROXIES must be addresses or networks" },
        { "TRUSTED_PROXIES", "192.0.2.1,192.0.2.2", "TRUSTED_PROXIES" },
        { "TRUSTED_PROXIES", "192.0.2.1 0.0.0.0/0", "TRUSTED_PROXIES" },
        { "TRUSTED_PROXIES", "192.0.2.1/33", "TRUSTED_PROXIES" },
        { "TRUSTED_PROXIES", "2001:db8::/129", "TRUSTED_PROXIES" },
        { "TRUSTED_PROXIES", "192.0.2.1/", "TRUSTED_PROXIES" },
        { "TRUSTED_PROXIES", "192.0.2.1/8x", "TRUSTED_PROXIES" },
        { "TRUSTED_PROXIES", "192.0.2.1/+8", "TRUSTED_PROXIES" },
        { "RETURN_URL_ORIGINS", "shop.example", "RETURN_URL_ORIGINS must be addresses like" },
        { "RETURN_URL_ORIGINS", "https://shop.example/", "RETURN_URL_ORIGINS" },
        { "RETURN_URL_ORIGINS", "https://shop.example https://", "RETURN_URL_ORIGINS" },
        { "RETURN_URL_ORIGINS", "https://a.example,https://b.example/x", "RETURN_URL_ORIGINS" },
        { "JWT_MAX_LIFETIME_S", "1h", "JWT_MAX_LIFETIME_S" },
        { "RATE_LIMITS", "maybe", "RATE_LIMITS must be on or off" },
        { "PUBLIC_BASE_URL", "payapi.example", "PUBLIC_BASE_URL must be an http or https address" },
        { "PUBLIC_BASE_URL", "ftp://payapi.example", "PUBLIC_BASE_URL" },
        { "PUBLIC_BASE_URL", "https://", "PUBLIC_BASE_URL" },
        { "PUBLIC_BASE_URL", "https:///x", "PUBLIC_BASE_URL" },
        { "PUBLIC_BASE_URL", "https://a b", "PUBLIC_BASE_URL" },
        { "PUBLIC_BASE_URL", "https://a\r\nX: y", "PUBLIC_BASE_URL" },
        { "PUBLIC_BASE_URL", "https://a/?q=1", "PUBLIC_BASE_URL" },
        { "PROBLEM_BASE_URL", "errors", "PROBLEM_BASE_URL" },
        { "STRIPE_API_BASE", "127.0.0.1:3001", "STRIPE_API_BASE" },
        { "STRIPE_WEBHOOK_SECRET", ", ,", "STRIPE_WEBHOOK_SECRET has no entry" },
        { "AUTHORSHIP_KEY", "0123456789abcdef0123456789abcde", "AUTHORSHIP_KEY has an entry of less than 32 bytes" },
        { "AUTHORSHIP_KEY", AUTHORSHIP_KEY ",short", "AUTHORSHIP_KEY has an entry of less than 32 bytes" },
        { "STRIPE_WEBHOOK_SECRET", "a,b,c,d", "STRIPE_WEBHOOK_SECRET has more than 3 entries" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        unsetenv(i > 0 ? wrong[i - 1].name : "");
        given_the_required_settings();
        setenv(wrong[i].name, wrong[i].value, 1);
        expect_error(NULL, wrong[i].words);
        if (strstr(given.report.error, "SECRET") != NULL)
            assert_null(strstr(given.report.error, wrong[i].value));
    }
}

static void limits_themselves_are_allowed(void **state)
{
    (void) state;
    given_the_required_settings();
    setenv("CHECKOUT_TTL_MIN", "31", 1);
    setenv("DATABASE_PORT", "65535", 1);
    setenv("JWT_SECRET", "12345678901234567890123456789012", 1);
    assert_true(load(NULL));
    assert_int_equal(given.config.checkout_ttl_min, 31);
    assert_int_equal(given.config.database_port, 65535);
    setenv("CHECKOUT_TTL_MIN", "1439", 1);
    assert_true(load(NULL));
}

/* Stripe: expires_at is 30 minutes to 24 hours away, by Stripe's clock. */
static void the_longest_and_the_shortest_page_forgive_half_a_minute_of_clocks(void **state)
{
    static const char *const ends[] = { "31", "1439" };

    (void) state;
    given_the_required_settings();
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        int ttl_s;

        setenv("CHECKOUT_TTL_MIN", ends[i], 1);
        assert_true(load(NULL));
        ttl_s = config_settings(&given.config).checkout_ttl_s;
        assert_in_range(ttl_s, 30 * 60 + 30, 24 * 3600 - 30);
    }
}

static void a_call_of_the_longest_duration_ends_within_its_lease(void **state)
{
    static const char *const timeouts[] = { "PROVIDER_TIMEOUT_MS", "STRIPE_TIMEOUT_MS",
                                         "PAYSTACK_TIMEOUT_MS" };

    (void) state;
    given_the_required_settings();
    for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
        setenv(timeouts[i], "25000", 1);
        assert_true(load(NULL));
        setenv(timeouts[i], arena_printf(given.arena, "%d", CALL_LEASE_S * 1000), 1);
        expect_error(NULL, timeouts[i]);
        unsetenv(timeouts[i]);
    }
}

static void addresses_end_as_their_users_need_them(void **state)
{
    (void) state;
    given_the_required_settings();
    setenv("RETURN_URL_ORIGINS", "https://shop.example  https://www.shop.example:8443", 1);
    setenv("JWT_MAX_LIFETIME_S", "3600", 1);
    setenv("TRUSTED_PROXIES", "192.0.2.1  198.51.100.0/24 2001:db8::/32 ::1", 1);
    setenv("PUBLIC_BASE_URL", "https://pay.example.com//", 1);
    setenv("PROBLEM_BASE_URL", "https://pay.example.com/errors", 1);
    setenv("STRIPE_API_BASE", "http://127.0.0.1:3001/", 1);
    assert_true(load(NULL));
    assert_string_equal(given.config.public_base_url, "https://pay.example.com");
    assert_string_equal(given.config.problem_base_url, "https://pay.example.com/errors/");
    assert_string_equal(stripe()->base_url, "http://127.0.0.1:3001");
}

static void a_list_is_split_at_its_commas(void **state)
{
    (void) state;
    given_the_required_settings();
    setenv("STRIPE_WEBHOOK_SECRET", "whsec_new, whsec_old ,", 1);
    assert_true(load(NULL));
    assert_int_equal(stripe()->webhook_secrets.count, 2);
    assert_string_equal(stripe()->webhook_secrets.items[0], "whsec_new");
    assert_string_equal(stripe()->webhook_secrets.items[1], "whsec_old");
}

/* --- What may not be missing --------------------------------------------------------------- */

static void a_program_names_the_first_setting_it_misses(void **state)
{
    static const char *const required[] = { "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET",
                                            "AUTHORSHIP_KEY" };

    (void) state;
    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        given_the_required_settings();
        unsetenv(required[i]);
        expect_error(NULL, arena_printf(given.arena, "%s is missing", required[i]));
        setenv(required[i], "", 1);
        expect_error(NULL, arena_printf(given.arena, "%s is missing", required[i]));
    }
}

/* Each provider whose key is set is there; the one that checkouts take by default is among them. */
static void the_providers_are_those_whose_key_is_set(void **state)
{
    static const struct { const char *stripe, *paystack, *named, *default_provider; } rows[] = {
        { "sk_test_1", "", "", "stripe" },         { "", "sk_test_2", "", "paystack" },
        { "sk_test_1", "sk_test_2", "", "stripe" }, { "sk_test_1", "sk_test_2", "paystack", "paystack" },
        { "sk_test_1", "sk_test_2", "auto", "auto" },
        { "", "sk_test_2", "paystack", "paystack" },
    };

    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        given_the_required_settings();
        setenv("STRIPE_SECRET_KEY", rows[i].stripe, 1);
        setenv("STRIPE_WEBHOOK_SECRET", rows[i].stripe[0] != '\0' ? "whsec_1" : "", 1);
        setenv("PAYSTACK_SECRET_KEY", rows[i].paystack, 1);
        setenv("PAYMENT_PROVIDER", rows[i].named, 1);
        assert_true(load(NULL));
        assert_string_equal(config_settings(&given.config).default_provider,
                            rows[i].default_provider);
    }
}

static void a_provider_has_its_own_time_or_that_of_all(void **state)
{
    (void) state;
    given_the_required_settings();
    setenv("PROVIDER_TIMEOUT_MS", "5000", 1);
    setenv("PROVIDER_CONNECT_TIMEOUT_MS", "400", 1);
    setenv("PAYSTACK_TIMEOUT_MS", "7000", 1);
    assert_true(load(NULL));
    assert_int_equal(stripe()->timeout_ms, 5000);
    assert_int_equal(stripe()->connect_timeout_ms, 400);
    assert_int_equal(given.config.providers[PROVIDER_PAYSTACK].timeout_ms, 7000);
    assert_int_equal(given.config.providers[PROVIDER_PAYSTACK].connect_timeout_ms, 400);
}

static void a_default_provider_that_is_not_there_stops_the_start(void **state)
{
    static const char *const absent[] = { "paystack", "Stripe", "paypal" };

    (void) state;
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        given_the_required_settings();
        setenv("PAYMENT_PROVIDER", absent[i], 1);
        expect_error(NULL, "PAYMENT_PROVIDER must be");
    }
    setenv("PAYSTACK_SECRET_KEY", "sk_test_1", 1);
    unsetenv("STRIPE_SECRET_KEY");
    setenv("PAYMENT_PROVIDER", "stripe", 1);
    expect_error(NULL, "PAYMENT_PROVIDER must be");
}

static void each_program_needs_only_its_own_settings(void **state)
{
    (void) state;
    assert_true(config_load(given.arena, NULL, CONFIG_ADMIN, &given.config, &given.report));
    assert_false(config_load(given.arena, NULL, CONFIG_JOBS, &given.config, &given.report));
}

/* --- The file ------------------------------------------------------------------------------ */

/* Only who seals is the role that may, whatever database it is; and a worker never has that password. */
static void payapi_jobs_is_a_role_of_its_own(void **state)
{
    (void) state;
    given_the_required_settings();
    setenv("DATABASE_URL", "postgresql://payapi:secret@db/payapi", 1);
    setenv("DATABASE_JOBS_USER", "payapi_jobs", 1);
    setenv("DATABASE_JOBS_PASSWORD", "sealing", 1);
    assert_true(config_load(given.arena, NULL, CONFIG_JOBS, &given.config, &given.report));
    assert_true(given.config.database_user_wins);
    assert_string_equal(given.config.database_user, "payapi_jobs");
    assert_string_equal(given.config.database_password, "sealing");
    assert_true(config_load(given.arena, NULL, CONFIG_FAST, &given.config, &given.report));
    assert_false(given.config.database_user_wins);
    assert_string_equal(given.config.database_jobs_password, "");
    unsetenv("DATABASE_JOBS_PASSWORD");
    unsetenv("DATABASE_JOBS_USER");
    unsetenv("DATABASE_URL");
}

/* It reads what an intruder could do least with: the database, by a role that writes nothing. */
static void payapi_stream_keeps_no_secret_but_its_databases(void **state)
{
    (void) state;
    given_the_required_settings();
    setenv("DATABASE_STREAM_USER", "payapi_stream", 1);
    setenv("DATABASE_STREAM_PASSWORD", "watching", 1);
    assert_true(config_load(given.arena, NULL, CONFIG_STREAM, &given.config, &given.report));
    assert_string_equal(given.config.database_user, "payapi_stream");
    assert_string_equal(given.config.database_password, "watching");
    assert_string_equal(given.config.jwt_secret, "");
    assert_int_equal(stripe()->secret_keys.count, 0);
    assert_int_equal(stripe()->webhook_secrets.count, 0);
    assert_int_equal(given.config.authorship_keys.count, 0);
    assert_true(config_load(given.arena, NULL, CONFIG_FAST, &given.config, &given.report));
    assert_string_equal(given.config.database_stream_password, "");
    unsetenv("DATABASE_STREAM_PASSWORD");
    unsetenv("DATABASE_STREAM_USER");
}

static void a_file_gives_what_the_environment_does_not(void **state)
{
    (void) state;
    setenv("DATABASE_USER", "from environment", 1);
    setenv("DATABASE_NAME", "", 1);
    assert_true(load(given_lines(
        "# a comment\r\n"
        "\n"
        "  JWT_SECRET = 'a secret of more than thirty-two bytes' \r\n"
        "STRIPE_SECRET_KEY=\"sk_test_1\"\n"
        "STRIPE_WEBHOOK_SECRET=whsec_1\r\n"
        "AUTHORSHIP_KEY=" AUTHORSHIP_KEY "\n"
        "DATABASE_USER=from file\n"
        "DATABASE_NAME=shop=1 # not a comment\n"
        "JWT_ISSUER=\n"
        "VAR_DIR=/tmp/x\nSANDBOX_PORT=1\nFAST_WORKERS=2\nPROVIDER_WORKERS=3\nRATE_LIMITS=off\n"
        "DATABASE_OWNER_USER=owner\n"
        "DATABASE_HOST=/run/postgresql")));
    assert_string_equal(given.config.jwt_secret, SECRET);
    assert_string_equal(stripe()->secret_keys.items[0], "sk_test_1");
    assert_string_equal(stripe()->webhook_secrets.items[0], "whsec_1");
    assert_string_equal(given.config.database_user, "from environment");
    assert_string_equal(given.config.database_name, "shop=1 # not a comment");
    assert_string_equal(given.config.database_host, "/run/postgresql");
    assert_string_equal(given.config.jwt_issuer, "");
    assert_string_equal(given.report.warning, "");
}

static void a_line_that_means_nothing_is_an_error_with_its_number(void **state)
{
    static const struct { const char *text, *words; } wrong[] = {
        { "\n\nDATABASE_HOTS=x\n", "line 3: there is no setting DATABASE_HOTS" },
        { "PORT=3000\nport=3000\n", "line 2: there is no setting port" },
        { "PORT\n", "line 1: not of the form NAME=value" }, { "=x\n", "line 1: not of the form" },
        { "export PORT=1\n", "line 1: there is no setting export PORT" },
        { "PORT=1\n#\nPORT=2\n", "line 3: PORT is given twice, first in line 1" },
        { "DATABASE_NAME='x\n", "line 1: DATABASE_NAME has a quote without its partner" },
        { "DATABASE_NAME=\"x'\n", "line 1: DATABASE_NAME has a quote" },
        { "DATABASE_NAME='\n", "line 1: DATABASE_NAME has a quote" },
        { "PORT_FILE=/x\n", "line 1: there is no setting PORT_FILE" },
        { "PORT=3000 # comment\n", "PORT must be a whole number" },
    };

    (void) state;
    given_the_required_settings();
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        expect_error(given_lines(wrong[i].text), wrong[i].words);
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
    static const char nul[] = "PORT=1\0\n";
    char *large = arena_alloc(given.arena, CONFIG_FILE_BYTES_MAX + 1);

    (void) state;
    given_the_required_settings();
    expect_error("/nowhere/payapi.env", "/nowhere/payapi.env cannot be opened");
    expect_error("/tmp", "/tmp cannot be read");
    expect_error(given_a_file("nul", nul, sizeof(nul) - 1, 0600), "NUL byte");
    memset(large, '#', CONFIG_FILE_BYTES_MAX + 1);
    expect_error(given_a_file("large", large, CONFIG_FILE_BYTES_MAX + 1, 0600), "is larger than");
    assert_true(load(given_a_file("largest", large, CONFIG_FILE_BYTES_MAX, 0600)));
}

static void a_file_of_secrets_that_others_may_read_is_warned_of(void **state)
{
    static const char secret[] = "JWT_SECRET=a secret of more than thirty-two bytes\n";
    static const struct { const char *text; mode_t mode; bool warned; } files[] = {
        { secret, 0600, false }, { secret, 0640, false }, { secret, 0604, true },
        { secret, 0660, true }, { secret, 0602, true }, { "PORT=1\n", 0644, false },
        { "JWT_SECRET=\n", 0644, false },       /* etc/payapi.env.example as it is installed */
    };

    (void) state;
    given_the_required_settings();
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        const char *path = given_a_file("a", files[i].text, strlen(files[i].text), files[i].mode);

        assert_true(load(path));
        assert_int_equal(strstr(given.report.warning, "chmod 600") != NULL, files[i].warned);
        unlink(path);
    }
}

/* --- Secrets in files of their own --------------------------------------------------------- */

static void a_secret_may_stand_in_a_file_of_its_own(void **state)
{
    const char *text = SECRET "\r\n";

    (void) state;
    given_the_required_settings();
    unsetenv("JWT_SECRET");
    setenv("JWT_SECRET_FILE", given_a_file("jwt", text, strlen(text), 0600), 1);
    assert_true(load(NULL));
    assert_string_equal(given.config.jwt_secret, SECRET);
    unsetenv("JWT_SECRET_FILE");
    assert_true(load(given_lines(arena_printf(given.arena, "JWT_SECRET_FILE=%s/jwt\n",
                                              given.folder))));
    assert_string_equal(given.config.jwt_secret, SECRET);
    setenv("DATABASE_PASSWORD_FILE", given_a_file("db", "hunter2", 7, 0600), 1);
    setenv("JWT_SECRET", SECRET, 1);
    assert_true(load(NULL));
    assert_string_equal(given.config.database_password, "hunter2");
}

static void a_secret_given_in_two_ways_is_an_error(void **state)
{
    (void) state;
    given_the_required_settings();
    setenv("JWT_SECRET_FILE", "/nowhere", 1);
    expect_error(NULL, "JWT_SECRET and JWT_SECRET_FILE are both set");
    unsetenv("JWT_SECRET");
    expect_error(NULL, "JWT_SECRET_FILE: /nowhere cannot be opened");
    setenv("JWT_SECRET_FILE", given_a_file("empty", "\n" SECRET, 1 + sizeof(SECRET) - 1, 0600), 1);
    expect_error(NULL, "has no secret in its first line");
}

static void the_environment_wins_over_the_file_in_either_way(void **state)
{
    const char *file = given_lines("JWT_SECRET_FILE=/nowhere\nSTRIPE_SECRET_KEY=sk_file\n");

    (void) state;
    given_the_required_settings();
    unsetenv("STRIPE_SECRET_KEY");
    setenv("STRIPE_SECRET_KEY_FILE", given_a_file("sk", "sk_own_file", 11, 0600), 1);
    assert_true(load(file));
    assert_string_equal(given.config.jwt_secret, SECRET);
    assert_string_equal(stripe()->secret_keys.items[0], "sk_own_file");
}

static void a_file_of_one_secret_that_everybody_may_read_is_warned_of(void **state)
{
    static const struct { mode_t mode; bool warned; } files[] = {
        { 0600, false }, { 0440, false }, { 0640, false }, { 0604, true }, { 0644, true },
    };

    (void) state;
    given_the_required_settings();
    unsetenv("JWT_SECRET");
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        setenv("JWT_SECRET_FILE", given_a_file("one", SECRET, sizeof(SECRET) - 1, files[i].mode), 1);
        assert_true(load(NULL));
        assert_int_equal(strstr(given.report.warning, "JWT_SECRET_FILE: everybody may read") != NULL,
                         files[i].warned);
        unlink(getenv("JWT_SECRET_FILE"));
    }
}

/* --- How often a secret stands in our memory ----------------------------------------------- */

/* XOR keeps the needle from being one of the things that are found. */
#define VEIL 0x5a

static void veil(const char *text, char *veiled_out)
{
    while (*text != '\0')
        *veiled_out++ = (char) (*text++ ^ VEIL);
    *veiled_out = '\0';
}

/* It looks where AddressSanitizer forbids to. */
__attribute__((no_sanitize_address))
static int count_in(const char *bytes, size_t size, const char *veiled)
{
    size_t length = strlen(veiled);
    int count = 0;

    for (size_t at = 0; at + length <= size; at++) {
        size_t same = 0;

        while (same < length && bytes[at + same] == (veiled[same] ^ VEIL))
            same++;
        count += same == length;
    }
    return count;
}

/* In everything that this process may write: heap, data, stack with the environment. */
static int count_in_memory(const char *veiled)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512], mode[8];
    uintptr_t begin, end;
    int count = 0;

    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps) != NULL)
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s", &begin, &end, mode) == 3
            && strncmp(mode, "rw", 2) == 0 && end - begin < (64 << 20))
            count += count_in((const char *) begin, end - begin, veiled);
    fclose(maps);
    return count;
}

static const char secret_names[3][32] = { "JWT_SECRET", "STRIPE_SECRET_KEY", "DATABASE_OWNER_PASSWORD" };

#ifdef SANITIZERS
#define RUNTIME_COPIES 1                /* AddressSanitizer keeps what it read of /proc/self/environ */
#else
#define RUNTIME_COPIES 0
#endif

/* Played in a new process, whose environment the kernel laid out, and whose file holds the same. */
static int play_server(const char *file)
{
    char needles[3][64];
    int found[3];

    given.arena = arena_new();
    for (int i = 0; i < 3; i++)
        veil(getenv(secret_names[i]), needles[i]);
    assert_true(config_load(given.arena, file, CONFIG_FAST, &given.config, &given.report));
    for (int i = 0; i < 3; i++)
        assert_true(count_in_memory(needles[i]) >= 1);
    config_forget_providers(&given.config);
    config_forget_environment();
    for (int i = 0; i < 3; i++)
        found[i] = count_in_memory(needles[i]);
    print_message("# found in memory: %d, %d, %d\n", found[0], found[1], found[2]);
    return found[0] == 1 + RUNTIME_COPIES && found[1] == RUNTIME_COPIES && found[2] == RUNTIME_COPIES
        ? 0 : 1;
}

static void a_server_keeps_each_secret_once_and_no_other(void **state)
{
    static const char text[] = "DATABASE_PASSWORD=in-a-file\nJWT_ISSUER=me\n"
                               "STRIPE_WEBHOOK_SECRET=whsec_of_the_file\n"
                               "AUTHORSHIP_KEY=" AUTHORSHIP_KEY "\n";
    const char *file = given_lines(text);
    pid_t child;
    int status;

    (void) state;
    setenv(secret_names[0], "a jwt secret that is read from the environment", 1);
    setenv(secret_names[1], "sk_test_that_is_read_from_the_environment", 1);
    setenv(secret_names[2], "owner's password from the environment", 1);
    child = fork();
    if (child == 0) {
        execl("/proc/self/exe", "test_config", file, (char *) NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    unsetenv(secret_names[2]);
}

static void a_program_keeps_no_secret_of_others(void **state)
{
    static const struct {
        enum config_program program;
        bool token, owner, calls, webhooks, seals;
    } programs[] = {
        { CONFIG_FAST,     true,  false, false, true,  false },
        { CONFIG_PROVIDER, true,  false, true,  false, false },
        { CONFIG_JOBS,     false, false, true,  false, true },
        { CONFIG_ADMIN,    true,  true,  true,  true,  true },
    };

    (void) state;
    given_the_required_settings();
    setenv("DATABASE_OWNER_PASSWORD", "of the owner", 1);
    setenv("STRIPE_SECRET_KEY", "sk_live_of_stripe", 1);
    setenv("AUDIT_SIGNING_KEY_FILE", "/a/key", 1);
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        assert_true(config_load(given.arena, NULL, programs[i].program, &given.config, &given.report));
        assert_int_equal(*given.config.jwt_secret != '\0', programs[i].token);
        assert_int_equal(*given.config.database_owner_password != '\0', programs[i].owner);
        assert_string_equal(stripe()->secret_keys.items[0],
                            programs[i].calls ? "sk_live_of_stripe" : "sk_live_");      /* its mode */
        assert_int_equal(stripe()->webhook_secrets.count > 0, programs[i].webhooks);
        assert_string_equal(given.config.audit_signing_key_file, programs[i].seals ? "/a/key" : "");
        assert_string_equal(given.config.audit_public_key_file, programs[i].seals ? "" : "/a/key.pub");
    }
    unsetenv("DATABASE_OWNER_PASSWORD");
    unsetenv("AUDIT_SIGNING_KEY_FILE");
}

/* Who takes no webhooks needs no secret of theirs. */
static void the_secret_of_webhooks_is_needed_by_who_takes_them(void **state)
{
    (void) state;
    given_the_required_settings();
    unsetenv("STRIPE_WEBHOOK_SECRET");
    assert_true(config_load(given.arena, NULL, CONFIG_PROVIDER, &given.config, &given.report));
    assert_true(config_load(given.arena, NULL, CONFIG_JOBS, &given.config, &given.report));
    assert_false(config_load(given.arena, NULL, CONFIG_FAST, &given.config, &given.report));
    assert_false(config_load(given.arena, NULL, CONFIG_FAST | CONFIG_JOBS | CONFIG_ADMIN, &given.config,
                             &given.report));
}

static void what_was_read_from_a_file_is_wiped_with_it(void **state)
{
    char needle[64], typed[] = "TESTS-OF-PAYAPI-KEEP-NO-COPIES-OF-THIS-ONE";

    (void) state;
    given_the_required_settings();
    unsetenv("JWT_SECRET");
    veil(typed, needle);
    setenv("JWT_SECRET_FILE", given_a_file("jwt", typed, sizeof(typed) - 1, 0600), 1);
    explicit_bzero(typed, sizeof(typed));
    assert_true(load(NULL));
    /* One for the configuration; the literal's own place is read-only and does not count. */
    assert_int_equal(count_in_memory(needle), 1);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_an_empty_environment, remove_the_files)
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_set_has_the_documented_default),
        TEST(the_use_cases_get_what_they_need),
        TEST(the_former_name_of_a_setting_is_still_taken),
        TEST(a_wrong_value_is_named_in_one_line),
        TEST(limits_themselves_are_allowed),
        TEST(the_longest_and_the_shortest_page_forgive_half_a_minute_of_clocks),
        TEST(a_call_of_the_longest_duration_ends_within_its_lease),
        TEST(addresses_end_as_their_users_need_them),
        TEST(a_list_is_split_at_its_commas),
        TEST(a_program_names_the_first_setting_it_misses),
        TEST(the_providers_are_those_whose_key_is_set),
        TEST(a_provider_has_its_own_time_or_that_of_all),
        TEST(a_default_provider_that_is_not_there_stops_the_start),
        TEST(each_program_needs_only_its_own_settings),
        TEST(payapi_jobs_is_a_role_of_its_own),
        TEST(payapi_stream_keeps_no_secret_but_its_databases),
        TEST(a_file_gives_what_the_environment_does_not),
        TEST(a_line_that_means_nothing_is_an_error_with_its_number),
        TEST(a_file_that_cannot_be_read_is_named),
        TEST(a_file_of_secrets_that_others_may_read_is_warned_of),
        TEST(a_secret_may_stand_in_a_file_of_its_own),
        TEST(a_secret_given_in_two_ways_is_an_error),
        TEST(the_environment_wins_over_the_file_in_either_way),
        TEST(a_file_of_one_secret_that_everybody_may_read_is_warned_of),
        TEST(a_server_keeps_each_secret_once_and_no_other),
        TEST(a_program_keeps_no_secret_of_others),
        TEST(the_secret_of_webhooks_is_needed_by_who_takes_them),
        TEST(what_was_read_from_a_file_is_wiped_with_it),
    };

    if (argc > 1)
        return play_server(argv[1]);
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
