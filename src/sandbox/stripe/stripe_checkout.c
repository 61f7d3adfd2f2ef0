/* Reads the parameters of a new checkout session and refuses the same values as Stripe. */
#include "stripe_checkout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "sandbox/http/params.h"
#include "sandbox/kit/utf8.h"
#include "stripe_currency.h"

#define PATH_BYTES 120

static bool must_have(struct stripe_call *call, const char *param)
{
    if (url_form_find_below(call->form, param) != NULL)
        return true;
    stripe_reject(call, "parameter_missing", param, "Missing required param: %s.", param);
    return false;
}

/* Refuses rather than ignores what Stripe supports and the sandbox does not. */
static bool check_support(struct stripe_call *call)
{
    static const struct { const char *param, *only; } supported[] = {
        { "mode", "payment" },
        { "ui_mode", "hosted_page" },
        { "payment_intent_data[capture_method]", "automatic" },
    };

    for (size_t i = 0; i < sizeof supported / sizeof supported[0]; i++) {
        const char *value = url_form_find(call->form, supported[i].param);

        if (value != NULL && strncmp(value, supported[i].only, strlen(supported[i].only)) != 0) {
            stripe_reject(call, NULL, supported[i].param,
                          "payapi-sandbox only plays %s=%s, not %.40s.", supported[i].param,
                          supported[i].only, value);
            return false;
        }
    }
    return true;
}

/* http(s)://host with no blanks or control characters. */
static bool is_url(const char *url)
{
    size_t scheme = strncasecmp(url, "http://", 7) == 0 ? 7
                  : strncasecmp(url, "https://", 8) == 0 ? 8 : 0;

    if (scheme == 0 || url[scheme] == '\0' || strchr("/?#", url[scheme]) != NULL)
        return false;
    for (; *url != '\0'; url++)
        if ((unsigned char) *url <= ' ' || *url == 0x7f)
            return false;
    return true;
}

static bool read_url(struct stripe_call *call, const char *param, const char **url_out)
{
    *url_out = url_form_find(call->form, param);
    if (*url_out == NULL || is_url(*url_out))
        return true;
    stripe_reject(call, "url_invalid", param, "Not a valid URL");
    return false;
}

static bool is_email(const char *email)
{
    const char *at = strchr(email, '@');

    return at != NULL && at > email && strchr(at + 1, '@') == NULL &&
           strchr(at + 1, '.') != NULL && strpbrk(email, " \t\r\n<>") == NULL;
}

static bool read_customer(struct stripe_call *call, struct stripe_checkout *checkout)
{
    const char *customer = url_form_find(call->form, "customer");

    checkout->customer_email = url_form_find(call->form, "customer_email");
    checkout->client_reference_id = url_form_find(call->form, "client_reference_id");
    if (customer != NULL && checkout->customer_email != NULL)
        stripe_reject(call, NULL, "customer_email",
                      "You may only specify one of these parameters: customer, customer_email.");
    else if (customer != NULL)
        stripe_fail_missing(call, "customer", customer, "customer");
    else if (checkout->customer_email != NULL && !is_email(checkout->customer_email))
        stripe_reject(call, "email_invalid", "customer_email", "Invalid email address: %.100s",
                      checkout->customer_email);
    else if (checkout->client_reference_id != NULL &&
             utf8_length(checkout->client_reference_id) > CHECKOUT_REFERENCE_LENGTH_MAX)
        stripe_reject(call, NULL, "client_reference_id",
                      "Invalid string: must be at most %d characters",
                      CHECKOUT_REFERENCE_LENGTH_MAX);
    else
        return true;
    return false;
}

static bool read_expiry(struct stripe_call *call, struct stripe_checkout *checkout)
{
    const char *text = url_form_find(call->form, "expires_at");
    int64_t     now_s = sandbox_clock_now_s(call->stripe->clock);

    checkout->expires_at_s = now_s + STRIPE_SESSION_MAX_S;
    if (text == NULL)
        return true;
    params_read_integer(text, &checkout->expires_at_s);
    if (checkout->expires_at_s < now_s + STRIPE_SESSION_MIN_S)
        stripe_reject(call, NULL, "expires_at", "The `expires_at` timestamp must be at least 30 "
                      "minutes from Checkout Session creation.");
    else if (checkout->expires_at_s > now_s + STRIPE_SESSION_MAX_S)
        stripe_reject(call, NULL, "expires_at", "The `expires_at` timestamp must be less than 24 "
                      "hours from Checkout Session creation.");
    else
        return true;
    return false;
}

/* The value of one parameter of a line item; rejects the call when it is missing. */
static const char *item_param(struct stripe_call *call, size_t item, const char *name)
{
    char path[PATH_BYTES];

    snprintf(path, sizeof path, "line_items[%zu]%s", item, name);
    return must_have(call, path) ? url_form_find(call->form, path) : NULL;
}

static bool check_item_currency(struct stripe_call *call, struct stripe_checkout *checkout,
                                const char *currency, size_t item)
{
    char path[PATH_BYTES];

    snprintf(path, sizeof path, "line_items[%zu][price_data][currency]", item);
    if (!stripe_currency_is_known(currency))
        stripe_reject(call, NULL, path, "Invalid currency: %.20s. Codes are three letters in "
                      "lower case, of a currency that Stripe supports.", currency);
    else if (checkout->currency != NULL && strcmp(checkout->currency, currency) != 0)
        stripe_reject(call, NULL, path, "All line items must have the same currency.");
    else {
        checkout->currency = currency;
        return true;
    }
    return false;
}

static bool add_item_amount(struct stripe_call *call, struct stripe_checkout *checkout,
                            const char *unit_amount, const char *quantity, size_t item)
{
    int64_t unit = -1, count = 0, amount;
    char    path[PATH_BYTES];

    params_read_integer(unit_amount, &unit);
    params_read_integer(quantity, &count);
    snprintf(path, sizeof path, "line_items[%zu]%s", item,
             unit < 0 ? "[price_data][unit_amount]" : "[quantity]");
    if (unit < 0 || count < 1)
        stripe_reject(call, "parameter_invalid_integer", path,
                      "This value must be greater than or equal to %d.", unit < 0 ? 0 : 1);
    else if (__builtin_mul_overflow(unit, count, &amount) ||
             __builtin_add_overflow(checkout->amount, amount, &checkout->amount))
        stripe_reject(call, "amount_too_large", path, "The amount is too large.");
    else
        return true;
    return false;
}

static bool read_item(struct stripe_call *call, struct stripe_checkout *checkout, size_t item)
{
    const char *currency, *unit_amount, *name, *quantity, *price;
    char        path[PATH_BYTES];

    snprintf(path, sizeof path, "line_items[%zu][price]", item);
    price = url_form_find(call->form, path);
    if (price != NULL) {
        stripe_fail_missing(call, "price", price, path);
        return false;
    }
    currency = item_param(call, item, "[price_data][currency]");
    name = currency == NULL ? NULL : item_param(call, item, "[price_data][product_data][name]");
    unit_amount = name == NULL ? NULL : item_param(call, item, "[price_data][unit_amount]");
    quantity = unit_amount == NULL ? NULL : item_param(call, item, "[quantity]");
    if (quantity == NULL)
        return false;
    if (item == 0)
        checkout->title = name;
    return check_item_currency(call, checkout, currency, item) &&
           add_item_amount(call, checkout, unit_amount, quantity, item);
}

/* Items count up from 0 without a gap. */
static bool read_items(struct stripe_call *call, struct stripe_checkout *checkout)
{
    const char *last = NULL;
    size_t      count = 0, seen = 0;
    char        path[PATH_BYTES];

    snprintf(path, sizeof path, "line_items[%zu]", count);
    for (; url_form_find_below(call->form, path) != NULL;
         snprintf(path, sizeof path, "line_items[%zu]", ++count))
        if (count >= CHECKOUT_LINE_ITEMS_MAX || !read_item(call, checkout, count))
            break;
    if (call->exchange->response.status != 0)
        return false;
    for (size_t i = 0; i < call->form->count; i++) {
        const char *field = call->form->fields[i].path;

        if (strncmp(field, "line_items[", 11) != 0)
            continue;
        if (last == NULL || strncmp(last, field, strcspn(field, "]") + 1) != 0)
            seen++;
        last = field;
    }
    if (seen == count)
        return true;
    stripe_reject(call, NULL, "line_items", "Invalid array: at most %d items, counted from 0.",
                  CHECKOUT_LINE_ITEMS_MAX);
    return false;
}

static bool check_amount(struct stripe_call *call, const struct stripe_checkout *checkout)
{
    static const char param[] = "line_items[0][price_data][unit_amount]";
    int64_t     step = stripe_currency_step(checkout->currency);
    int64_t     minimum = stripe_currency_minimum(checkout->currency);
    struct strbuf least = { 0 };

    if (checkout->amount % step != 0) {
        stripe_reject(call, "parameter_invalid_integer", param, "Invalid amount: %" PRId64 " must "
                      "be evenly divisible by %" PRId64 " in this currency.", checkout->amount,
                      step);
        return false;
    }
    if (checkout->amount > STRIPE_AMOUNT_MAX) {
        stripe_reject(call, "amount_too_large", param, "The amount is too large.");
        return false;
    }
    if (checkout->amount >= minimum)
        return true;
    stripe_currency_add(&least, minimum, checkout->currency);
    stripe_reject(call, "amount_too_small", param,
                  "The Checkout Session's total amount due must add up to at least %s",
                  least.bytes);
    strbuf_free(&least);
    return false;
}

bool stripe_checkout_read(struct stripe_call *call, struct stripe_checkout *checkout_out)
{
    struct stripe_checkout checkout = {
        .intent_description = url_form_find(call->form, "payment_intent_data[description]"),
    };

    if (!must_have(call, "mode") || !check_support(call) || !must_have(call, "line_items") ||
        !must_have(call, "success_url") || !read_url(call, "success_url", &checkout.success_url) ||
        !read_url(call, "cancel_url", &checkout.cancel_url) || !read_customer(call, &checkout) ||
        !read_expiry(call, &checkout) || !read_items(call, &checkout) ||
        !check_amount(call, &checkout))
        return false;
    *checkout_out = checkout;
    return true;
}
