/*
 * Writes Stripe's requests, as docs/facts.md section 2 gives them. Everything in them is a function
 * of our own rows: a repeat with the same idempotency key must have the same bytes. Neither ui_mode
 * nor payment_method_types is sent, so that the request is valid from API 2022-08-01 on.
 */
#include "infrastructure/http_client/form.h"
#include "infrastructure/providers/shared/documents.h"
#include "infrastructure/providers/stripe/stripe_currency.h"
#include "infrastructure/providers/stripe/stripe_parts.h"

#define SESSIONS "/v1/checkout/sessions"
#define FIND_PAGE   100         /* the most that Stripe lists at once */
#define CLOCK_SKEW_S 300        /* between our clock and theirs */
#define NAME_BYTES_MAX 250      /* of a product on the page */

static void add_order(struct form *form, const struct provider_checkout *wanted)
{
    form_add(form, "client_reference_id", wanted->order->id.text);
    /* Stripe does not copy the session's metadata to the intent, which has events of its own. */
    form_add(form, "metadata[order_id]", wanted->order->id.text);
    form_add(form, "metadata[payment_id]", wanted->payment->id.text);
    form_add(form, "metadata[payapi_proof]", wanted->proof);
    form_add(form, "payment_intent_data[metadata][order_id]", wanted->order->id.text);
    form_add(form, "payment_intent_data[metadata][payment_id]", wanted->payment->id.text);
    form_add(form, "payment_intent_data[metadata][payapi_proof]", wanted->proof);
}

/* Shown on the page only; the order keeps the whole text. Stripe refuses a longer one. */
static const char *product_name(struct ctx *ctx, const struct order *order)
{
    char *name = arena_alloc(ctx->arena, NAME_BYTES_MAX + 1);

    if (order->description[0] == '\0')
        return arena_printf(ctx->arena, "Order %s", order->id.text);
    document_copy_start(name, NAME_BYTES_MAX + 1, order->description);
    return name;
}

static void add_line_item(struct ctx *ctx, struct form *form, const struct order *order,
                          const char *currency, int64_t unit_amount)
{
    form_add_i64(form, "line_items[0][quantity]", 1);
    form_add(form, "line_items[0][price_data][currency]", currency);
    form_add_i64(form, "line_items[0][price_data][unit_amount]", unit_amount);
    form_add(form, "line_items[0][price_data][product_data][name]", product_name(ctx, order));
}

static const struct problem *amount_refused(struct ctx *ctx, struct money amount)
{
    char decimal[MONEY_TEXT_MAX];

    money_print_decimal(amount, decimal);
    return problem_new(ctx->arena, PROBLEM_INVALID_AMOUNT,
                       "The provider does not take %s %s: choose an amount whose last digits are"
                       " zero, or another currency.", decimal, amount.currency);
}

static struct bytes checkout_form(struct ctx *ctx, const struct provider_checkout *wanted,
                                  const char *currency, int64_t unit_amount)
{
    struct form form = form_new(ctx->arena);

    form_add(&form, "mode", "payment");
    form_add(&form, "success_url", wanted->return_url);
    form_add(&form, "cancel_url", wanted->cancel_url);
    if (wanted->customer_email[0] != '\0')
        form_add(&form, "customer_email", wanted->customer_email);
    form_add_i64(&form, "expires_at", wanted->payment->expires_at_ms / 1000);
    add_line_item(ctx, &form, wanted->order, currency, unit_amount);
    add_order(&form, wanted);
    return form_bytes(&form);
}

const struct problem *stripe_write_checkout(struct ctx *ctx, const struct provider *provider,
                                            const struct provider_checkout *wanted,
                                            struct provider_request *request_out)
{
    const struct money amount = wanted->payment->amount;
    char currency[4];
    int64_t unit_amount;

    (void) provider;
    if (!stripe_currency_write(amount.currency, currency) ||
        !stripe_amount_from_money(amount, &unit_amount))
        return amount_refused(ctx, amount);
    *request_out = (struct provider_request) {
        .operation = OP_CHECKOUT,
        .method = "POST",
        .path = SESSIONS,
        .body = checkout_form(ctx, wanted, currency, unit_amount),
        .idempotency_key = arena_printf(ctx->arena, "%s:checkout:1", wanted->payment->id.text),
    };
    return OK;
}

/* We know neither session nor intent: only sending the frozen checkout again can find out. */
static const struct problem *nothing_known(struct ctx *ctx, const struct payment *payment)
{
    return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                       "Payment %s has no known page at the provider yet.", payment->id.text);
}

/* With the intent itself: a complete session alone does not say whether its payment failed. */
const struct problem *stripe_write_retrieve(struct ctx *ctx, const struct payment *payment,
                                            struct provider_request *request_out)
{
    const char *path;

    if (payment->provider_ref[0] != '\0')
        path = arena_printf(ctx->arena, SESSIONS "/%s?expand[0]=payment_intent",
                            form_escape(ctx->arena, payment->provider_ref));
    else if (payment->provider_intent[0] != '\0')
        path = arena_printf(ctx->arena, SESSIONS "?payment_intent=%s&expand[0]=data.payment_intent",
                            form_escape(ctx->arena, payment->provider_intent));
    else
        return nothing_known(ctx, payment);
    *request_out = (struct provider_request) {
        .operation = OP_RETRIEVE, .method = "GET", .path = path, .idempotency_key = "",
    };
    return OK;
}

const struct problem *stripe_write_expire(struct ctx *ctx, const struct payment *payment,
                                          struct provider_request *request_out)
{
    if (payment->provider_ref[0] == '\0')
        return nothing_known(ctx, payment);
    *request_out = (struct provider_request) {
        .operation = OP_EXPIRE,
        .method = "POST",
        .path = arena_printf(ctx->arena, SESSIONS "/%s/expire",
                             form_escape(ctx->arena, payment->provider_ref)),
        .idempotency_key = arena_printf(ctx->arena, "%s:expire:1", payment->id.text),
    };
    return OK;
}

/*
 * The frozen request says when the page expires, and Stripe makes no page that would live less than
 * 30 minutes. So the session, if there is one, was created between our intent and that time.
 */
const struct problem *stripe_write_find(struct ctx *ctx, const struct payment *payment,
                                        const char *after, struct provider_request *request_out)
{
    const char *cursor = after[0] == '\0' ? "" : arena_printf(ctx->arena, "&starting_after=%s",
                                                              form_escape(ctx->arena, after));

    *request_out = (struct provider_request) {
        .operation = OP_FIND,
        .method = "GET",
        .path = arena_printf(ctx->arena, SESSIONS "?limit=%d&created[gte]=%lld&created[lte]=%lld%s"
                             "&expand[0]=data.payment_intent",
                             FIND_PAGE,
                             (long long) (payment->created_at_ms / 1000 - CLOCK_SKEW_S),
                             (long long) (payment->expires_at_ms / 1000 + CLOCK_SKEW_S), cursor),
        .idempotency_key = "",
    };
    return OK;
}

void stripe_write_probe(struct ctx *ctx, enum provider_direction direction,
                        struct provider_request *request_out)
{
    static const struct provider_request probes[PROVIDER_DIRECTIONS] = {
        [PROVIDER_WRITES] = {
            .operation = OP_PROBE, .method = "POST", .path = SESSIONS,
            .body = { "", 0 }, .idempotency_key = "",
        },
        [PROVIDER_READS] = {
            .operation = OP_PROBE, .method = "GET", .path = SESSIONS "?limit=1", .body = { "", 0 },
            .idempotency_key = "",
        },
    };

    (void) ctx;
    *request_out = probes[direction];
}
