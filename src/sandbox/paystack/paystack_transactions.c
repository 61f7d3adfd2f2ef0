/* Initialises, verifies, shows and lists transactions. */
#include "paystack_transactions.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "paystack_list.h"
#include "paystack_params.h"
#include "paystack_payments.h"
#include "paystack_render.h"
#include "sandbox/kit/alloc.h"

#define ACCESS_CODE_LETTERS 15
#define REFERENCE_LETTERS   10
#define EMAIL_BYTES_MAX     254

static const char invalid[] = "invalid_params";

/* The members of a request to initialize; borrowed from the body. */
struct order {
    const char *email, *currency, *reference, *callback_url;
    int64_t     amount;
    json_t     *metadata;
};

static bool check_amount(struct paystack_call *call, const struct order *order)
{
    int64_t     minimum = paystack_currency_minimum(order->currency);
    int64_t     step = paystack_currency_step(order->currency);
    struct strbuf least = { 0 };

    if (order->amount == 0) {
        paystack_reject(call, "missing_params", "amount is required");
        return false;
    }
    if (order->amount % step != 0) {
        paystack_reject(call, invalid, "An amount in %s has no fraction", order->currency);
        return false;
    }
    if (order->amount >= minimum)
        return true;
    paystack_currency_add(&least, minimum, order->currency);
    paystack_reject(call, invalid, "Amount is less than the minimum of %s", least.bytes);
    strbuf_free(&least);
    return false;
}

static bool is_reference(const char *reference)
{
    size_t length = strlen(reference);

    return length > 0 && length <= PAYSTACK_REFERENCE_BYTES_MAX &&
           strspn(reference, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                             "-.=") == length;
}

static bool check_reference(struct paystack_call *call, const struct order *order)
{
    if (order->reference == NULL)
        return true;
    if (!is_reference(order->reference))
        paystack_reject(call, invalid, "Invalid Transaction Reference: only alphanumeric "
                        "characters, -, . and = are allowed");
    else if (table_find(call->paystack->by_reference, order->reference) != NULL)
        paystack_reject(call, "duplicate_reference", "Duplicate Transaction Reference");
    else
        return true;
    return false;
}

static bool check_email(struct paystack_call *call, const char *email)
{
    const char *at = strchr(email, '@');

    if (at != NULL && at != email && strchr(at, '.') != NULL && strchr(email, ' ') == NULL &&
        strlen(email) <= EMAIL_BYTES_MAX)
        return true;
    paystack_reject(call, invalid, "Invalid Email Address Passed");
    return false;
}

static bool check_callback(struct paystack_call *call, const char *url)
{
    if (url == NULL || strncmp(url, "https://", 8) == 0 || strncmp(url, "http://", 7) == 0)
        return true;
    paystack_reject(call, invalid, "callback_url must be a valid URL");
    return false;
}

static bool is_channel(const json_t *name)
{
    static const char *const known[] = { "card", "bank", "apple_pay", "ussd", "qr", "mobile_money",
                                         "bank_transfer", "eft", "capitec_pay", "payattitude" };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (json_is_string(name) && strcmp(known[i], json_string_value(name)) == 0)
            return true;
    return false;
}

/* Only checks the names: the page offers all channels whatever was asked for. */
static bool check_channels(struct paystack_call *call)
{
    const json_t *channels = json_object_get(call->body, "channels"), *channel;
    size_t        i;
    bool          is_right = channels == NULL || json_is_array(channels);

    json_array_foreach(channels, i, channel)
        is_right = is_right && is_channel(channel);
    if (!is_right)
        paystack_reject(call, invalid, "Invalid channels passed");
    return is_right;
}

static bool check_currency(struct paystack_call *call, struct order *order)
{
    if (order->currency == NULL)
        order->currency = "NGN";
    if (paystack_currency_is_in(call->paystack->settings.currencies, order->currency))
        return true;
    paystack_reject(call, invalid, "Currency not supported by merchant");
    return false;
}

static bool read_order(struct paystack_call *call, struct order *order)
{
    return paystack_read_required(call, "email", &order->email) &&
           paystack_read_amount(call, "amount", &order->amount) &&
           paystack_read_text(call, "currency", &order->currency) &&
           paystack_read_text(call, "reference", &order->reference) &&
           paystack_read_text(call, "callback_url", &order->callback_url) &&
           paystack_read_metadata(call, &order->metadata) &&
           check_email(call, order->email) && check_currency(call, order) &&
           check_amount(call, order) && check_channels(call) &&
           check_callback(call, order->callback_url) &&
           check_reference(call, order);
}

static struct paystack_transaction *open_transaction(struct paystack *paystack,
                                                     const struct order *order)
{
    struct paystack_transaction *transaction = alloc_new(1, sizeof *transaction);
    char                         access_code[32], reference[32];

    random_id("", ACCESS_CODE_LETTERS, access_code, sizeof access_code);
    random_id("", REFERENCE_LETTERS, reference, sizeof reference);
    transaction->number = paystack_add(paystack, &paystack->transactions, &transaction->item);
    transaction->requested_amount = transaction->amount = order->amount;
    copy_bounded(transaction->currency, sizeof transaction->currency, order->currency);
    transaction->reference = alloc_dup(order->reference == NULL ? reference : order->reference);
    transaction->access_code = alloc_dup(access_code);
    transaction->email = alloc_dup(order->email);
    transaction->callback_url = alloc_dup(order->callback_url);
    transaction->metadata = json_incref(order->metadata);
    transaction->channel = "card";
    transaction->gateway_response = alloc_dup(PAYSTACK_NOT_COMPLETED);
    table_put(paystack->by_reference, transaction->reference, transaction);
    table_put(paystack->by_access_code, transaction->access_code, transaction);
    return transaction;
}

struct paystack_transaction *
paystack_transaction_copy(struct paystack *paystack, const struct paystack_transaction *like)
{
    return open_transaction(paystack, &(struct order) {
        .email = like->email, .currency = like->currency, .callback_url = like->callback_url,
        .amount = like->requested_amount, .metadata = like->metadata });
}

void paystack_transactions_initialize(struct paystack_call *call)
{
    struct order                       order = { 0 };
    const struct paystack_transaction *transaction;
    struct strbuf                        url = { 0 };

    if (!read_order(call, &order))
        return;
    transaction = open_transaction(call->paystack, &order);
    strbuf_addf(&url, "%s/checkout/%s", call->paystack->public_url, transaction->access_code);
    paystack_answer_created(call, "Authorization URL created",
                            json_pack("{s:s, s:s, s:s}", "authorization_url", url.bytes,
                                      "access_code", transaction->access_code,
                                      "reference", transaction->reference));
    strbuf_free(&url);
}

static void answer_transaction(struct paystack_call *call, const char *message,
                               const struct paystack_transaction *transaction)
{
    if (transaction == NULL)
        paystack_fail(call, call->paystack->settings.missing_status, "transaction_not_found",
                      "Transaction reference not found.");
    else
        paystack_answer(call, message,
                        paystack_render_transaction(call->paystack, transaction));
}

void paystack_transactions_verify(struct paystack_call *call)
{
    answer_transaction(call, "Verification successful",
                       table_find(call->paystack->by_reference, call->id));
}

void paystack_transactions_fetch(struct paystack_call *call)
{
    answer_transaction(call, "Transaction retrieved",
                       collection_find(&call->paystack->transactions, call->id));
}

static bool matches(const struct paystack_call *call, const struct item *item)
{
    const struct paystack_transaction *transaction = (const struct paystack_transaction *) item;
    const char *status = url_form_find(&call->query, "status");
    const char *amount = url_form_find(&call->query, "amount");
    char        text[24];

    snprintf(text, sizeof text, "%" PRId64, transaction->amount);
    return (status == NULL || strcmp(status, paystack_status_name(transaction->status)) == 0) &&
           (amount == NULL || strcmp(amount, text) == 0);
}

static json_t *render(const struct paystack *paystack, const struct item *item)
{
    return paystack_render_transaction(paystack, (const struct paystack_transaction *) item);
}

static int64_t volume_of(const struct item *item)
{
    return ((const struct paystack_transaction *) item)->amount;
}

/* The list can be filtered by these statuses only; a transaction has others too. */
static bool check_status(struct paystack_call *call)
{
    static const char *const known[] = { "success", "failed", "abandoned", "reversed" };
    const char              *status = url_form_find(&call->query, "status");

    for (size_t i = 0; status != NULL && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i], status) == 0)
            return true;
    if (status != NULL)
        paystack_reject(call, invalid, "status must be success, failed, abandoned or reversed");
    return status == NULL;
}

void paystack_transactions_list(struct paystack_call *call)
{
    if (!check_status(call))
        return;
    paystack_list_answer(call, &(struct paystack_listing) {
        .message = "Transactions retrieved", .of = &call->paystack->transactions,
        .matches = matches, .render = render, .has_cursor = true,
        .sum_name = "total_volume", .sum_of = volume_of,
    });
}
