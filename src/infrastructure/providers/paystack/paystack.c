/*
 * Paystack behind struct provider: hosted pages, verification, refunds, disputes, webhooks.
 *
 * Its requests carry no idempotency key: the reference, a function of our payment id, stays unique
 * at Paystack for ever, and a refund carries our refund id in its note. Paystack cannot close a
 * page: expire only looks, payapi itself decides that a page is over, and money that arrives later
 * is a late success.
 * Source: docs/facts.md sections 6-9 (Paystack's OpenAPI of 2025-10 and documentation).
 */
#include "infrastructure/providers/adapters.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "infrastructure/providers/paystack/paystack_currency.h"
#include "infrastructure/providers/paystack/paystack_parts.h"
#include "infrastructure/providers/shared/calls.h"
#include "infrastructure/providers/shared/settings.h"

static const struct key_kind key_kinds[] = {
    { "sk_test_", false },
    { "sk_live_", true },
    { NULL, false },
};

static const char bad_base_url[] =
    "PAYSTACK_BASE_URL must begin with https://, or with http:// and a loopback address (127.0.0.1,"
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

struct provider *paystack_new(const struct provider_config *config, const char **complaint_out)
{
    struct paystack_account *account;
    struct http_client *http;

    *complaint_out = complaint_about(config);
    if (*complaint_out != NULL)
        return NULL;
    http = http_client_of(config);
    if (http == NULL) {
        *complaint_out = bad_base_url;
        return NULL;
    }
    account = calloc(1, sizeof(*account));
    assert(account != NULL);
    account->http = http;
    for (int i = 0; i < config->secret_keys.count; i++)
        account->secret_keys[i] = setting_copy(config->secret_keys.items[i]);
    account->provider = (struct provider) {
        .name = "paystack",
        .repeats_safely = false,
        .names_by_our_id = true,
        .processing_max_s = 48 * 3600,  /* a transfer or a code takes minutes */
        .needs_email = true,
        .home_currencies = "NGN GHS KES XOF ZAR",
        .account = account,
        .takes_currency = paystack_takes_currency,
        .write_probe = paystack_write_probe,
        .write_checkout = paystack_write_checkout,
        .write_retrieve = paystack_write_retrieve,
        .write_expire = paystack_write_expire,
        .write_find = paystack_write_find,
        .write_refund = paystack_write_refund,
        .write_list_refunds = paystack_write_list_refunds,
        .write_list_disputes = paystack_write_list_disputes,
        .call = paystack_call,
        .read_reply = paystack_read_reply,
        .read_refund_reply = paystack_read_refund_reply,
        .read_refund_list = paystack_read_refund_list,
        .read_dispute_list = paystack_read_dispute_list,
        .verify_webhook = paystack_verify_webhook,
        .read_webhook = paystack_read_webhook,
        .write_adopt = paystack_write_adopt,
        .read_adopted = paystack_read_adopted,
        .lists_what_was_made = true,
        .write_list_events = paystack_write_list_events,
        .read_event_list = paystack_read_event_list,
        .write_list_book = paystack_write_list_book,
        .read_book = paystack_read_book,
    };
    (void) key_mode(config->secret_keys.items[0], key_kinds, &account->provider.livemode);
    return &account->provider;
}

void paystack_free(struct provider *provider)
{
    struct paystack_account *account;

    if (provider == NULL)
        return;
    account = provider->account;
    http_client_free(account->http);
    for (int i = 0; i < CONFIG_LIST_MAX; i++)
        setting_wipe(account->secret_keys[i]);
    free(account);
}

/* --- The call ------------------------------------------------------------------------------ */

void paystack_call(struct ctx *ctx, const struct provider *provider,
                   const struct provider_request *request, struct provider_reply *reply_out)
{
    const struct paystack_account *account = provider->account;
    struct http_request http = {
        .method = request->method,
        .path = request->path,
        .body = request->body,
    };
    struct http_reply answer;

    call_add_common_headers(ctx, &http, account->secret_keys[0]);
    if (strcmp(request->method, "POST") == 0)
        call_add_header(&http, "Content-Type", "application/json");
    http_client_call(account->http, ctx->arena, &http, &answer);
    *reply_out = call_reply(&answer);
}

/* --- Settings ------------------------------------------------------------------------------ */

/* With a key of the other mode, test events would pass for live ones. */
static const char *complaint_about_key(const char *key, bool *livemode_out)
{
    if (!key_mode(key, key_kinds, livemode_out))
        return "PAYSTACK_SECRET_KEY must begin with sk_test_ or sk_live_";
    if (!setting_is_header_text(key))
        return "PAYSTACK_SECRET_KEY holds a character that is not visible ASCII";
    return NULL;
}

static const char *complaint_about(const struct provider_config *config)
{
    bool livemode = false, first_livemode = false;

    if (config->secret_keys.count < 1)
        return "PAYSTACK_SECRET_KEY is missing";
    if (config->secret_keys.count > CONFIG_LIST_MAX)
        return "PAYSTACK_SECRET_KEY holds more than 3 keys";
    for (int i = 0; i < config->secret_keys.count; i++) {
        const char *complaint = complaint_about_key(config->secret_keys.items[i], &livemode);

        if (complaint != NULL)
            return complaint;
        if (i == 0)
            first_livemode = livemode;
        if (livemode != first_livemode)
            return "PAYSTACK_SECRET_KEY mixes test and live keys";
    }
    return NULL;
}
