/*
 * Stripe behind struct provider: hosted Checkout pages, webhooks, refunds, disputes, a list of
 * events. The API's version is pinned. The parts are in stripe_parts.h. Source: docs/facts.md
 * sections 1-5 (Stripe API 2026-10-28.endive), docs/reliability.md section 2.2.
 */
#include "infrastructure/providers/adapters.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "infrastructure/providers/shared/calls.h"
#include "infrastructure/providers/shared/settings.h"
#include "infrastructure/providers/stripe/stripe_currency.h"
#include "infrastructure/providers/stripe/stripe_parts.h"

/* The kinds of key that act for one account; the prefix shows the mode (docs.stripe.com/keys). */
static const struct key_kind key_kinds[] = {
    { "sk_test_", false },
    { "rk_test_", false },
    { "sk_live_", true },
    { "rk_live_", true },
    { NULL, false },
};

static const char bad_api_base[] =
    "STRIPE_API_BASE must begin with https://, or with http:// and a loopback address (127.0.0.1,"
    " [::1]), and hold no user name, query or fragment";

static const char *complaint_about(const struct provider_config *config);

static struct http_client *http_client_of(const struct provider_config *config)
{
    const struct http_client_settings http = {
        .base_url = config->base_url,
        .connect_timeout_ms = config->connect_timeout_ms,
        .timeout_ms = config->timeout_ms,
    };

    return http_client_new(&http);
}

static void copy_settings(struct stripe_account *account, const struct provider_config *config)
{
    account->secret_key = setting_copy(config->secret_keys.items[0]);
    account->api_version = setting_copy(config->api_version);
    for (int i = 0; i < config->webhook_secrets.count; i++)
        account->webhook_secrets[i] = setting_copy(config->webhook_secrets.items[i]);
}

struct provider *stripe_new(const struct provider_config *config, const char **complaint_out)
{
    struct stripe_account *account;
    struct http_client *http;

    *complaint_out = complaint_about(config);
    if (*complaint_out != NULL)
        return NULL;
    http = http_client_of(config);
    if (http == NULL) {
        *complaint_out = bad_api_base;
        return NULL;
    }
    account = calloc(1, sizeof(*account));
    assert(account != NULL);
    account->http = http;
    copy_settings(account, config);
    account->provider = (struct provider) {
        .name = "stripe",
        .repeats_safely = true,
        .processing_max_s = 21 * 24 * 3600,     /* a bank debit takes up to 14 working days */
        .home_currencies = "",
        .account = account,
        .takes_currency = stripe_takes_currency,
        .write_probe = stripe_write_probe,
        .write_checkout = stripe_write_checkout,
        .write_retrieve = stripe_write_retrieve,
        .write_expire = stripe_write_expire,
        .write_find = stripe_write_find,
        .write_refund = stripe_write_refund,
        .write_list_refunds = stripe_write_list_refunds,
        .write_list_disputes = stripe_write_list_disputes,
        .call = stripe_call,
        .read_reply = stripe_read_reply,
        .read_refund_reply = stripe_read_refund_reply,
        .read_refund_list = stripe_read_refund_list,
        .read_dispute_list = stripe_read_dispute_list,
        .verify_webhook = stripe_verify_webhook,
        .read_webhook = stripe_read_webhook,
        .write_adopt = stripe_write_adopt,
        .read_adopted = stripe_read_adopted,
        .write_list_events = stripe_write_list_events,
        .read_event_list = stripe_read_event_list,
        .write_list_book = stripe_write_list_book,
        .read_book = stripe_read_book,
    };
    (void) key_mode(config->secret_keys.items[0], key_kinds, &account->provider.livemode);
    return &account->provider;
}

void stripe_free(struct provider *provider)
{
    struct stripe_account *account;

    if (provider == NULL)
        return;
    account = provider->account;
    http_client_free(account->http);
    setting_wipe(account->secret_key);
    for (int i = 0; i < CONFIG_LIST_MAX; i++)
        setting_wipe(account->webhook_secrets[i]);
    free(account->api_version);
    free(account);
}

/* --- The call ------------------------------------------------------------------------------ */

enum { ASKED_SHOULD_RETRY, ASKED_REQUEST_ID, ASKED_REPLAYED };

static void add_headers(struct ctx *ctx, struct http_request *http,
                        const struct stripe_account *account,
                        const struct provider_request *request)
{
    call_add_common_headers(ctx, http, account->secret_key);
    call_add_header(http, "Stripe-Version", account->api_version);
    if (strcmp(request->method, "POST") != 0)
        return;
    call_add_header(http, "Content-Type", "application/x-www-form-urlencoded");
    call_add_header(http, "Idempotency-Key", request->idempotency_key);
}

static int should_retry(const char *header)
{
    if (strcmp(header, "true") == 0)
        return 1;
    return strcmp(header, "false") == 0 ? 0 : -1;
}

void stripe_call(struct ctx *ctx, const struct provider *provider,
                 const struct provider_request *request, struct provider_reply *reply_out)
{
    const struct stripe_account *account = provider->account;
    struct http_request http = {
        .method = request->method,
        .path = request->path,
        .body = request->body,
        .asked = { [ASKED_SHOULD_RETRY] = "Stripe-Should-Retry",
                   [ASKED_REQUEST_ID] = "Request-Id",
                   [ASKED_REPLAYED] = "Idempotent-Replayed" },
    };
    struct http_reply answer;

    add_headers(ctx, &http, account, request);
    http_client_call(account->http, ctx->arena, &http, &answer);
    *reply_out = call_reply(&answer);
    reply_out->should_retry = should_retry(answer.asked[ASKED_SHOULD_RETRY]);
    reply_out->replayed = strcmp(answer.asked[ASKED_REPLAYED], "true") == 0;
    reply_out->request_id = answer.asked[ASKED_REQUEST_ID];
}

/* --- Settings ------------------------------------------------------------------------------ */

/* With an empty secret anybody could make a valid signature. */
static const char *complaint_about_secrets(const struct provider_config *config)
{
    if (config->webhook_secrets.count > CONFIG_LIST_MAX)
        return "STRIPE_WEBHOOK_SECRET holds more than 3 secrets";
    for (int i = 0; i < config->webhook_secrets.count; i++)
        if (!setting_is_header_text(config->webhook_secrets.items[i]))
            return "STRIPE_WEBHOOK_SECRET holds a secret that is empty or has a blank";
    return NULL;
}

static const char *complaint_about(const struct provider_config *config)
{
    const char *key = config->secret_keys.items[0];
    bool livemode;

    if (key == NULL || !key_mode(key, key_kinds, &livemode))
        return "STRIPE_SECRET_KEY must begin with sk_test_, sk_live_, rk_test_ or rk_live_";
    if (!setting_is_header_text(key))
        return "STRIPE_SECRET_KEY holds a character that is not visible ASCII";
    if (!setting_is_header_text(config->api_version))
        return "STRIPE_API_VERSION is empty or holds a blank";
    return complaint_about_secrets(config);
}
