/*
 * payapi-sandbox: an offline Stripe and Paystack for development and tests. See payapi-sandbox(8).
 */
#include <config.h>

#include "sandbox/sandbox.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/command_line.h"

#define SECRET_BYTES_MAX 512
#define LISTEN_BYTES_MAX 64
#define WHY_BYTES        400

/* The settings, from options or the environment; an option takes precedence. */
enum setting { LISTEN, PUBLIC_URL, WEBHOOK_URL, WEBHOOK_SECRET, SECRET_KEY,
               WEBHOOK_SECRET_FILE, SECRET_KEY_FILE, PAYSTACK_WEBHOOK_URL, PAYSTACK_SECRET_KEY,
               PAYSTACK_SECRET_KEY_FILE, STATE_FILE, SETTING_COUNT };

static const struct { const char *option, *environment, *fallback; } settings[SETTING_COUNT] = {
    [LISTEN]              = { "listen", "SANDBOX_LISTEN", "127.0.0.1:3001" },
    [PUBLIC_URL]          = { "public-url", "SANDBOX_PUBLIC_URL", NULL },
    [WEBHOOK_URL]         = { "webhook-url", "SANDBOX_WEBHOOK_URL",
                              "http://127.0.0.1:3000/api/v1/webhooks/stripe" },
    [WEBHOOK_SECRET]      = { "webhook-secret", "STRIPE_WEBHOOK_SECRET", NULL },
    [SECRET_KEY]          = { "secret-key", "STRIPE_SECRET_KEY", NULL },
    [WEBHOOK_SECRET_FILE] = { "webhook-secret-file", "STRIPE_WEBHOOK_SECRET_FILE", NULL },
    [SECRET_KEY_FILE]     = { "secret-key-file", "STRIPE_SECRET_KEY_FILE", NULL },
    [PAYSTACK_WEBHOOK_URL] = { "paystack-webhook-url", "SANDBOX_PAYSTACK_WEBHOOK_URL",
                               "http://127.0.0.1:3000/api/v1/webhooks/paystack" },
    [PAYSTACK_SECRET_KEY]  = { "paystack-secret-key", "PAYSTACK_SECRET_KEY", NULL },
    [PAYSTACK_SECRET_KEY_FILE] = { "paystack-secret-key-file", "PAYSTACK_SECRET_KEY_FILE", NULL },
    [STATE_FILE]               = { "state-file", "SANDBOX_STATE_FILE", NULL },
};

static const char help[] =
    "Usage: payapi-sandbox [OPTION]...\n"
    "An offline Stripe and Paystack for development and tests: APIs, payment pages, signed\n"
    "webhooks.\n"
    "\n"
    "  --listen IP:PORT           loopback address to serve [127.0.0.1:3001], port 0: a free one\n"
    "  --public-url URL           where payers reach it [http://IP:PORT]\n"
    "  --webhook-url URL          where Stripe's events go\n"
    "                             [http://127.0.0.1:3000/api/v1/webhooks/stripe]\n"
    "  --webhook-secret SECRET    whsec_..., signs them; or --webhook-secret-file FILE\n"
    "  --secret-key KEY           sk_test_..., what Stripe's clients must send;\n"
    "                             or --secret-key-file FILE\n"
    "  --paystack-webhook-url URL where Paystack's events go\n"
    "                             [http://127.0.0.1:3000/api/v1/webhooks/paystack]\n"
    "  --paystack-secret-key KEY  sk_test_..., what Paystack's clients must send, and what signs\n"
    "                             its events; or --paystack-secret-key-file FILE.\n"
    "                             Without one every call of Paystack is answered by 401\n"
    "  --state-file FILE          keeps payments there over a restart\n"
    "  -h, --help, --version\n"
    "\n"
    "Environment: SANDBOX_LISTEN, SANDBOX_PUBLIC_URL, SANDBOX_WEBHOOK_URL,\n"
    "SANDBOX_PAYSTACK_WEBHOOK_URL, SANDBOX_STATE_FILE, STRIPE_WEBHOOK_SECRET,\n"
    "STRIPE_SECRET_KEY, PAYSTACK_SECRET_KEY, and the last three with _FILE.\n"
    "Exit status: 64 for a wrong command line, 78 for a wrong setting. See payapi-sandbox(8).\n"
    "\n"
    "GET / describes how tests and people direct it.\n";

/* Names both the option and its environment variable, because either may have been used. */
__attribute__((noreturn)) static void refuse(enum setting setting, const char *why)
{
    fprintf(stderr, "payapi-sandbox: --%s (%s): %s\n", settings[setting].option,
            settings[setting].environment, why);
    exit(EX_CONFIG);
}

/* An error about the state begins with the name of its file. */
static bool is_about(const char *why, const char *file)
{
    return file != NULL && strncmp(why, file, strlen(file)) == 0;
}

static void read_options(int argc, char **argv, const char *values[SETTING_COUNT])
{
    struct option known[SETTING_COUNT + 1] = { 0 };
    const struct command_line line = {
        .program = "payapi-sandbox", .help = help, .options = known,
    };
    int option;

    for (int i = 0; i < SETTING_COUNT; i++)
        known[i] = (struct option) { settings[i].option, required_argument, NULL, i };
    while ((option = command_line_next(&line, argc, argv)) != -1)
        values[option] = optarg;
    command_line_end(&line, argc, argv);
}

static void read_environment(const char *values[SETTING_COUNT])
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        const char *value = getenv(settings[i].environment);

        if (values[i] == NULL && value != NULL && value[0] != '\0')
            values[i] = value;
        if (values[i] == NULL)
            values[i] = settings[i].fallback;
    }
}

/* The first line of the file. */
static void read_file(const char *path, enum setting setting, char secret_out[SECRET_BYTES_MAX])
{
    FILE *file = fopen(path, "re");

    if (file == NULL || fgets(secret_out, SECRET_BYTES_MAX, file) == NULL)
        refuse(setting, "the file cannot be read, or is empty");
    fclose(file);
    secret_out[strcspn(secret_out, "\r\n")] = '\0';
}

/* A secret, given directly or in a file; the first one of a comma-separated list. */
static void read_secret(const char *values[SETTING_COUNT], enum setting setting,
                        enum setting file, char secret_out[SECRET_BYTES_MAX])
{
    if (values[setting] == NULL && values[file] == NULL)
        refuse(setting, "is missing");
    if (values[setting] == NULL)
        read_file(values[file], file, secret_out);
    else
        snprintf(secret_out, SECRET_BYTES_MAX, "%s", values[setting]);
    secret_out[strcspn(secret_out, ",")] = '\0';
    if (secret_out[0] == '\0')
        refuse(setting, "is empty");
}

/* Paystack's key is optional: it need not be played. */
static void read_paystack_key(const char *values[SETTING_COUNT], char key_out[SECRET_BYTES_MAX])
{
    key_out[0] = '\0';
    if (values[PAYSTACK_SECRET_KEY] != NULL || values[PAYSTACK_SECRET_KEY_FILE] != NULL)
        read_secret(values, PAYSTACK_SECRET_KEY, PAYSTACK_SECRET_KEY_FILE, key_out);
}

static uint16_t split_listen(char *listen)
{
    char         *colon = strrchr(listen, ':'), *end = NULL;
    unsigned long port = 0;

    if (colon != NULL)
        port = strtoul(colon + 1, &end, 10);
    if (colon == NULL || colon[1] == '\0' || *end != '\0' || port > UINT16_MAX)
        refuse(LISTEN, "must be IP:PORT");
    *colon = '\0';
    return (uint16_t) port;
}

/* main waits for SIGTERM and SIGINT; every thread inherits the mask. */
static sigset_t block_signals(void)
{
    sigset_t signals;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return signals;
}

int main(int argc, char **argv)
{
    const char            *values[SETTING_COUNT] = { 0 };
    char                   listen[LISTEN_BYTES_MAX], why[WHY_BYTES];
    char                   webhook_secret[SECRET_BYTES_MAX], secret_key[SECRET_BYTES_MAX];
    char                   paystack_key[SECRET_BYTES_MAX];
    sigset_t               signals = block_signals();
    struct sandbox_options options;
    struct sandbox        *sandbox;
    int                    caught;

    read_options(argc, argv, values);
    read_environment(values);
    read_secret(values, WEBHOOK_SECRET, WEBHOOK_SECRET_FILE, webhook_secret);
    read_secret(values, SECRET_KEY, SECRET_KEY_FILE, secret_key);
    read_paystack_key(values, paystack_key);
    snprintf(listen, sizeof listen, "%s", values[LISTEN]);
    options = (struct sandbox_options) {
        .listen_port = split_listen(listen), .listen_ip = listen,
        .public_url = values[PUBLIC_URL], .webhook_url = values[WEBHOOK_URL],
        .webhook_secret = webhook_secret, .secret_key = secret_key,
        .paystack_webhook_url = values[PAYSTACK_WEBHOOK_URL], .paystack_secret_key = paystack_key,
        .state_file = values[STATE_FILE],
    };
    curl_global_init(CURL_GLOBAL_ALL);
    sandbox = sandbox_start(&options, why, sizeof why);
    if (sandbox == NULL)
        refuse(is_about(why, options.state_file) ? STATE_FILE : LISTEN, why);
    fprintf(stderr, "{\"event\":\"started\",\"url\":\"%s\",\"webhook_url\":\"%s\"}\n",
            sandbox_public_url(sandbox), options.webhook_url);
    sandbox_begin(sandbox);             /* so its log lines come after that one */
    sigwait(&signals, &caught);
    sandbox_stop(sandbox);
    curl_global_cleanup();
    return EXIT_SUCCESS;
}
