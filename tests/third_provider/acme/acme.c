/*
 * Acme behind struct provider: the smallest adapter there can be, for a provider that exists only in
 * tests. It has checkouts and refunds that repeat under their key, and webhooks signed by HMAC-SHA256
 * of the body; no disputes, no list of events and no books.
 *
 *   POST /checkouts {"amount", "currency"}    201 {"id", "url", "status"}: open, paid or closed
 *   GET  /checkouts/ID                        200, the same
 *   POST /checkouts/ID/refunds {"amount"}     201 {"id", "refunds": [...]}
 */
#include "infrastructure/providers/adapters.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <stdlib.h>

#include "infrastructure/hmac.h"
#include "infrastructure/http_client/http_client.h"
#include "infrastructure/providers/shared/calls.h"
#include "infrastructure/providers/shared/documents.h"
#include "infrastructure/providers/shared/replies.h"
#include "infrastructure/providers/shared/settings.h"

#define MAC_HEX_SIZE 64

/* Behind provider->account. */
struct account {
    struct provider     provider;
    struct http_client *http;
    char               *secret_key;
};

static const struct reply_rule rules[] = {
    { REPLY_NOT_SENT, REPLY_NOT_SENT, OP_ANY, NULL, NULL, VERDICT_NOT_EXECUTED,
      PROBLEM_PROVIDER_UNAVAILABLE, "Acme could not be reached." },
    { 401, 403, OP_ANY, NULL, NULL, VERDICT_MISCONFIGURED, PROBLEM_PROVIDER_MISCONFIGURED,
      "Acme refuses our key." },
    { REPLY_OTHERWISE, 0, OP_ANY, NULL, NULL, VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT,
      "Acme did not say how it ended." },
};

/* --- Requests ------------------------------------------------------------------------------ */

static struct provider_request question(struct ctx *ctx, enum provider_operation operation,
                                        const struct payment *payment)
{
    return (struct provider_request) {
        .operation = operation, .method = "GET", .body = { "", 0 }, .idempotency_key = "",
        .path = arena_printf(ctx->arena, "/checkouts/%s", payment->provider_ref),
    };
}

static struct provider_request order(struct ctx *ctx, enum provider_operation operation, const char *path,
                                     const char *id, struct money amount)
{
    return (struct provider_request) {
        .operation = operation, .method = "POST", .path = path,
        .body = bytes_of(arena_printf(ctx->arena, "{\"amount\":%lld,\"currency\":\"%s\"}",
                                      (long long) amount.minor, amount.currency)),
        .idempotency_key = arena_printf(ctx->arena, "%s:%s", id,
                                        provider_operation_name(operation)),
    };
}

static bool takes_currency(const char *currency)
{
    return strcmp(currency, "USD") == 0;
}

static const struct problem *write_checkout(struct ctx *ctx, const struct provider *provider,
                                            const struct provider_checkout *wanted,
                                            struct provider_request *request_out)
{
    const struct payment *payment = wanted->payment;

    (void) provider;
    if (!takes_currency(payment->amount.currency))
        return problem_new(ctx->arena, PROBLEM_INVALID_AMOUNT, "Acme takes USD only.");
    *request_out = order(ctx, OP_CHECKOUT, "/checkouts", payment->id.text, payment->amount);
    return OK;
}

static const struct problem *write_retrieve(struct ctx *ctx, const struct payment *payment,
                                            struct provider_request *request_out)
{
    *request_out = question(ctx, OP_RETRIEVE, payment);
    return OK;
}

/* Acme closes its pages by itself. */
static const struct problem *write_expire(struct ctx *ctx, const struct payment *payment,
                                          struct provider_request *request_out)
{
    *request_out = question(ctx, OP_EXPIRE, payment);
    return OK;
}

static const struct problem *write_find(struct ctx *ctx, const struct payment *payment,
                                        const char *after, struct provider_request *request_out)
{
    (void) after;
    *request_out = question(ctx, OP_FIND, payment);
    return OK;
}

static const struct problem *write_refund(struct ctx *ctx, const struct payment *payment,
                                          const struct refund *refund,
                                          struct provider_request *request_out)
{
    const char *path = arena_printf(ctx->arena, "/checkouts/%s/refunds", payment->provider_ref);

    *request_out = order(ctx, OP_REFUND, path, refund->id.text, refund->amount);
    return OK;
}

static const struct problem *write_list_refunds(struct ctx *ctx, const struct payment *payment,
                                                const char *after,
                                                struct provider_request *request_out)
{
    (void) after;
    *request_out = question(ctx, OP_LIST_REFUNDS, payment);
    return OK;
}

static void write_probe(struct ctx *ctx, enum provider_direction direction,
                        struct provider_request *request_out)
{
    (void) ctx;
    *request_out = (struct provider_request) {
        .operation = OP_PROBE, .path = "/checkouts", .idempotency_key = "",
        .method = direction == PROVIDER_WRITES ? "POST" : "GET", .body = { "", 0 },
    };
}

static void call(struct ctx *ctx, const struct provider *provider,
                 const struct provider_request *request, struct provider_reply *reply_out)
{
    const struct account *account = provider->account;
    struct http_request http = { .method = request->method, .path = request->path,
                                 .body = request->body };
    struct http_reply reply;

    call_add_common_headers(ctx, &http, account->secret_key);
    call_add_header(&http, "Idempotency-Key", request->idempotency_key);
    http_client_call(account->http, ctx->arena, &http, &reply);
    *reply_out = call_reply(&reply);
}

/* --- Replies ------------------------------------------------------------------------------- */

static void read_error(struct ctx *ctx, const struct provider_request *request,
                       const struct provider_reply *reply, struct provider_outcome *outcome_out)
{
    const struct reply_rule *rule = reply_rule_for(rules, reply, request->operation, "", "");

    outcome_out->verdict = rule->verdict;
    outcome_out->problem = problem_because(ctx->arena, reply_problem_of(ctx, rule, reply),
                                           "HTTP %d %s", reply->http_status, reply->error);
}

static void read_page(const json_t *document, const struct payment *payment,
                      struct provider_payment *out)
{
    out->payment_id = payment->id;
    out->amount_minor = payment->amount.minor;
    memcpy(out->currency, payment->amount.currency, sizeof(out->currency));
    document_copy(out->ref, sizeof(out->ref), document_text(document, "id"));
    document_copy_page(out->checkout_url, sizeof(out->checkout_url), document_text(document, "url"));
    out->facts.snapshot.progress = PROGRESS_OPENED;
    if (document_is(document, "status", "paid"))
        out->facts.captured_minor = payment->amount.minor;
    if (document_is(document, "status", "closed"))
        out->facts.closed = PAYMENT_CLOSED_EXPIRED;
}

static void read_reply(struct ctx *ctx, const struct provider *provider,
                       const struct payment *payment, const struct provider_request *request,
                       const struct provider_reply *reply, struct provider_outcome *outcome_out)
{
    const json_t *document = foreign_json_object(ctx->arena, reply->body);

    (void) provider;
    *outcome_out = (struct provider_outcome) { .find_after = "" };
    if (!reply->complete || reply->http_status >= 300 || document_text(document, "id")[0] == '\0') {
        read_error(ctx, request, reply, outcome_out);
        return;
    }
    outcome_out->verdict = VERDICT_DONE;
    read_page(document, payment, &outcome_out->payment);
}

/* What became of a refund, a human reads in Acme's dashboard. */
static void read_refund_reply(struct ctx *ctx, const struct provider *provider,
                              const struct payment *payment, const struct refund *refund,
                              const struct provider_request *request,
                              const struct provider_reply *reply,
                              struct provider_outcome *outcome_out)
{
    (void) provider;
    (void) payment;
    (void) refund;
    *outcome_out = (struct provider_outcome) { .find_after = "" };
    read_error(ctx, request, reply, outcome_out);
}

static bool read_refund_list(struct ctx *ctx, const struct payment *payment,
                             const struct provider_reply *reply,
                             struct provider_refund **refunds_out, int *count_out,
                             const char **after_out)
{
    (void) ctx;
    (void) payment;
    (void) reply;
    (void) refunds_out;
    (void) count_out;
    (void) after_out;
    return false;                               /* it tells nothing */
}

/* --- Webhooks ------------------------------------------------------------------------------ */

static enum signature_verdict verify_webhook(struct ctx *ctx, const struct provider *provider,
                                             const char *signature_header, struct bytes raw_body)
{
    const struct account *account = provider->account;
    char expected_hex[MAC_HEX_SIZE + 1];

    (void) ctx;
    if (strlen(signature_header) != MAC_HEX_SIZE)
        return *signature_header == '\0' ? SIGNATURE_ABSENT : SIGNATURE_MALFORMED;
    hmac_print(HASH_SHA256, bytes_of(account->secret_key), raw_body, expected_hex);
    return CRYPTO_memcmp(signature_header, expected_hex, MAC_HEX_SIZE) == 0 ? SIGNATURE_FITS
                                                                            : SIGNATURE_WRONG;
}

/* Every event is a hint; the payment is looked at. */
static const struct problem *read_webhook(struct ctx *ctx, struct bytes raw_body,
                                          struct provider_event *event_out)
{
    const json_t *document = foreign_json_object(ctx->arena, raw_body);

    if (document_text(document, "id")[0] == '\0')
        return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST, "The event has no id.");
    *event_out = (struct provider_event) { .kind = PROVIDER_EVENT_UNUSED };
    document_copy(event_out->id, sizeof(event_out->id), document_text(document, "id"));
    document_copy(event_out->type, sizeof(event_out->type), document_text(document, "type"));
    return OK;
}

/* --- Life ---------------------------------------------------------------------------------- */

struct provider *acme_new(const struct provider_config *config, const char **complaint_out)
{
    static const struct key_kind kinds[] = { { "acme_test_", false }, { NULL, false } };
    const struct http_client_settings http = {
        .base_url = config->base_url, .connect_timeout_ms = config->connect_timeout_ms,
        .timeout_ms = config->timeout_ms,
    };
    struct account *account = calloc(1, sizeof(*account));

    assert(account != NULL);
    account->provider = (struct provider) {
        .name = "acme", .repeats_safely = true, .processing_max_s = 3600, .home_currencies = "",
        .account = account, .takes_currency = takes_currency, .write_probe = write_probe,
        .write_checkout = write_checkout, .write_retrieve = write_retrieve,
        .write_expire = write_expire, .write_find = write_find, .write_refund = write_refund,
        .write_list_refunds = write_list_refunds, .call = call, .read_reply = read_reply,
        .read_refund_reply = read_refund_reply, .read_refund_list = read_refund_list,
        .verify_webhook = verify_webhook, .read_webhook = read_webhook,
    };
    account->secret_key = setting_copy(config->secret_keys.items[0]);
    account->http = http_client_new(&http);
    *complaint_out = !key_mode(account->secret_key, kinds, &account->provider.livemode)
                         ? "ACME_SECRET_KEY must begin with acme_test_"
                     : account->http == NULL ? "ACME_BASE_URL must begin with https://" : NULL;
    if (*complaint_out == NULL)
        return &account->provider;
    acme_free(&account->provider);
    return NULL;
}

void acme_free(struct provider *provider)
{
    struct account *account = provider != NULL ? provider->account : NULL;

    if (account == NULL)
        return;
    http_client_free(account->http);
    setting_wipe(account->secret_key);
    free(account);
}
