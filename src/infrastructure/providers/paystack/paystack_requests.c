/*
 * Writes Paystack's requests, as docs/facts.md section 7 gives them. Everything in them is a
 * function of our own rows: a repeat has the same bytes and the same reference, and the reference
 * is unique at Paystack.
 */
#include "base/text.h"
#include "infrastructure/providers/paystack/paystack_currency.h"
#include "infrastructure/providers/paystack/paystack_documents.h"
#include "infrastructure/providers/paystack/paystack_parts.h"

/* --- May it be asked for? ------------------------------------------------------------------ */

static struct problem *not_taken(struct ctx *ctx, const struct money *amount, const char *why)
{
    char decimal[MONEY_TEXT_MAX];

    money_print_decimal(*amount, decimal);
    return problem_new(ctx->arena, PROBLEM_INVALID_AMOUNT, "The provider does not take %s %s: %s.",
                       decimal, amount->currency, why);
}

static const struct problem *below_minimum(struct ctx *ctx, const struct money *amount,
                                           int64_t minimum)
{
    struct problem *problem = not_taken(ctx, amount, "that is below its minimum");
    int64_t minor;

    if (paystack_amount_to_minor(minimum, amount->currency, &minor))
        problem_add_number(problem, "minimumMinor", minor);
    return problem;
}

static const struct problem *email_missing(struct ctx *ctx)
{
    struct problem *problem = problem_new(ctx->arena, PROBLEM_VALIDATION_FAILED,
                                          "The provider needs the payer's e-mail address.");

    problem_add_field(ctx->arena, problem, "#/customerEmail",
                      "is required by this provider, here or on the order");
    return problem;
}

static const struct problem *read_amount(struct ctx *ctx, const struct money *amount,
                                         int64_t *hundredths_out)
{
    int64_t minimum;

    if (!paystack_minimum(amount->currency, &minimum))
        return not_taken(ctx, amount, "it takes NGN, USD, GHS, ZAR, KES and XOF");
    if (!paystack_amount_from_money(*amount, hundredths_out))
        return not_taken(ctx, amount, "its currency has no such digits");
    if (*hundredths_out < minimum)
        return below_minimum(ctx, amount, minimum);
    return OK;
}

/* --- Checkout ------------------------------------------------------------------------------ */

static void add_text(struct text *body, const char *name, const char *value)
{
    text_append_json_string(body, name);
    text_append_char(body, ':');
    text_append_json_string(body, value);
}

static struct bytes checkout_body(struct ctx *ctx, const struct provider_checkout *wanted,
                                  int64_t hundredths)
{
    struct text body = text_new(ctx->arena);
    char reference[PAYSTACK_REFERENCE_MAX];

    paystack_reference(wanted->payment->id, reference);
    text_append_char(&body, '{');
    add_text(&body, "email", wanted->customer_email);
    text_append(&body, ",\"amount\":");
    text_append_i64(&body, hundredths);
    text_append_char(&body, ',');
    add_text(&body, "currency", wanted->payment->amount.currency);
    text_append_char(&body, ',');
    add_text(&body, "reference", reference);
    text_append_char(&body, ',');
    add_text(&body, "callback_url", wanted->return_url);
    text_append(&body, ",\"metadata\":{");
    add_text(&body, "payment_id", wanted->payment->id.text);
    text_append_char(&body, ',');
    add_text(&body, "order_id", wanted->order->id.text);
    text_append_char(&body, ',');
    add_text(&body, "payapi_proof", wanted->proof);
    text_append_char(&body, ',');
    add_text(&body, "cancel_action", wanted->cancel_url);
    text_append(&body, "}}");
    return text_bytes(&body);
}

/* The key is never sent: in our own rows it tells one intent from another. */
const struct problem *paystack_write_checkout(struct ctx *ctx, const struct provider *provider,
                                              const struct provider_checkout *wanted,
                                              struct provider_request *request_out)
{
    int64_t hundredths;

    (void) provider;
    TRY(read_amount(ctx, &wanted->payment->amount, &hundredths));
    if (wanted->customer_email[0] == '\0')
        return email_missing(ctx);
    *request_out = (struct provider_request) {
        .operation = OP_CHECKOUT,
        .method = "POST",
        .path = "/transaction/initialize",
        .body = checkout_body(ctx, wanted, hundredths),
        .idempotency_key = arena_printf(ctx->arena, "%s:checkout:1", wanted->payment->id.text),
    };
    return OK;
}

/* --- Looks --------------------------------------------------------------------------------- */

static struct provider_request verification(struct ctx *ctx, const struct payment *payment,
                                            enum provider_operation operation)
{
    char reference[PAYSTACK_REFERENCE_MAX];

    paystack_reference(payment->id, reference);
    return (struct provider_request) {
        .operation = operation,
        .method = "GET",
        .path = arena_printf(ctx->arena, "/transaction/verify/%s", reference),
        .idempotency_key = "",
    };
}

const struct problem *paystack_write_retrieve(struct ctx *ctx, const struct payment *payment,
                                              struct provider_request *request_out)
{
    *request_out = verification(ctx, payment, OP_RETRIEVE);
    return OK;
}

const struct problem *paystack_write_find(struct ctx *ctx, const struct payment *payment,
                                          const char *after, struct provider_request *request_out)
{
    (void) after;                               /* there is one object of that reference, or none */
    *request_out = verification(ctx, payment, OP_FIND);
    return OK;
}

/* A look-up whose answer decides: nothing at Paystack closes a page. */
const struct problem *paystack_write_expire(struct ctx *ctx, const struct payment *payment,
                                            struct provider_request *request_out)
{
    *request_out = verification(ctx, payment, OP_EXPIRE);
    request_out->idempotency_key = arena_printf(ctx->arena, "%s:expire:1", payment->id.text);
    return OK;
}

void paystack_write_probe(struct ctx *ctx, enum provider_direction direction,
                          struct provider_request *request_out)
{
    static const struct provider_request probes[PROVIDER_DIRECTIONS] = {
        [PROVIDER_WRITES] = {
            .operation = OP_PROBE, .method = "POST", .path = "/transaction/initialize",
            .body = { "{}", 2 }, .idempotency_key = "",
        },
        [PROVIDER_READS] = {
            .operation = OP_PROBE, .method = "GET", .path = "/balance", .body = { "", 0 },
            .idempotency_key = "",
        },
    };

    (void) ctx;
    *request_out = probes[direction];
}
