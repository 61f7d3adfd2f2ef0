/* Transactions, refunds and customers as JSON. */
#include "paystack_render.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define REFUND_TAKES_S (3 * 24 * 3600)
#define CUSTOMER_FIRST 100000000
#define CUSTOMERS      900000000

static json_t *checked(json_t *object)
{
    assert(object != NULL);     /* fails on a wrong format string, or on text that is not UTF-8 */
    return object;
}

json_t *paystack_render_moment(int64_t at_s)
{
    time_t    at = (time_t) at_s;
    struct tm parts;
    char      text[40];

    if (at_s == 0)
        return json_null();
    gmtime_r(&at, &parts);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.000Z", &parts);
    return json_string(text);
}

/* FNV-1a: derives the number of a customer from the e-mail address, so none is stored. */
static uint64_t hash_of(const char *email)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *email != '\0'; email++)
        hash = (hash ^ (unsigned char) *email) * UINT64_C(1099511628211);
    return hash;
}

json_t *paystack_render_customer(const char *email)
{
    uint64_t hash = hash_of(email);
    int64_t  number = CUSTOMER_FIRST + (int64_t) (hash % CUSTOMERS);
    char     code[24];

    snprintf(code, sizeof code, "CUS_%015" PRIx64, hash >> 4);
    return checked(json_pack("{s:I, s:n, s:n, s:s, s:s, s:n, s:n, s:s, s:n}",
        "id", (json_int_t) number, "first_name", "last_name", "email", email,
        "customer_code", code, "phone", "metadata", "risk_action", "default",
        "international_format_phone"));
}

static json_t *render_metadata(const struct paystack *paystack, const json_t *metadata)
{
    char   *text;
    json_t *rendered;

    switch (paystack->settings.metadata_form) {
    case PAYSTACK_METADATA_EMPTY: return json_string("");
    case PAYSTACK_METADATA_ZERO:  return json_integer(0);
    case PAYSTACK_METADATA_NULL:  return json_null();
    case PAYSTACK_METADATA_TEXT:
    case PAYSTACK_METADATA_AS_SENT:
        break;
    }
    if (metadata == NULL)
        return json_string("");
    if (json_is_string(metadata) || paystack->settings.metadata_form == PAYSTACK_METADATA_AS_SENT)
        return json_deep_copy(metadata);
    text = json_dumps(metadata, JSON_COMPACT);
    rendered = json_string(text);
    free(text);
    return rendered;
}

/* How it was paid; empty before. */
static json_t *render_authorization(const struct paystack_transaction *transaction)
{
    bool is_card = strcmp(transaction->channel, "card") == 0;

    if (transaction->paid_at_s == 0)
        return json_object();
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:n, s:n, s:n}",
        "authorization_code", transaction->authorization_code, "bin", "408408", "last4", "4081",
        "exp_month", "12", "exp_year", "2030", "channel", transaction->channel,
        "card_type", is_card ? "visa " : "", "bank", "TEST BANK", "country_code", "NG",
        "brand", is_card ? "visa" : "", "reusable", is_card, "signature",
        "SIG_sandbox0000000000", "account_name", "receiver_bank_account_number", "receiver_bank");
}

/* Both spellings of each name: Paystack's samples show now one, now the other. */
static void add_moments(json_t *object, const struct paystack_transaction *transaction)
{
    json_object_set_new(object, "paid_at", paystack_render_moment(transaction->paid_at_s));
    json_object_set_new(object, "paidAt", paystack_render_moment(transaction->paid_at_s));
    json_object_set_new(object, "created_at",
                        paystack_render_moment(transaction->item.created_s));
    json_object_set_new(object, "createdAt",
                        paystack_render_moment(transaction->item.created_s));
    json_object_set_new(object, "transaction_date",
                        paystack_render_moment(transaction->item.created_s));
}

json_t *paystack_render_transaction(const struct paystack *paystack,
                                    const struct paystack_transaction *transaction)
{
    bool    is_failed = transaction->status == PAYSTACK_FAILED;
    bool    is_paid = transaction->paid_at_s != 0;
    json_t *object = json_pack(
        "{s:I, s:s, s:s, s:s, s:n, s:I, s:I, s:s, s:s?, s:s, s:s, s:s, s:o, s:n, s:o, s:n,"
        " s:o, s:o, s:n, s:{}, s:{}, s:{}, s:n, s:n, s:n, s:n, s:n}",
        "id", (json_int_t) transaction->number, "domain", paystack->settings.domain,
        "status", paystack_status_name(transaction->status),
        "reference", transaction->reference, "receipt_number",
        "amount", (json_int_t) transaction->amount,
        "requested_amount", (json_int_t) transaction->requested_amount,
        "currency", transaction->currency,
        "message", is_failed ? transaction->gateway_response : NULL,
        "gateway_response", transaction->gateway_response,
        "channel", transaction->channel, "ip_address", "127.0.0.1",
        "metadata", render_metadata(paystack, transaction->metadata), "log",
        "fees", is_paid ? json_integer(transaction->fees) : json_null(), "fees_split",
        "authorization", render_authorization(transaction),
        "customer", paystack_render_customer(transaction->email), "plan",
        "split", "subaccount", "plan_object", "order_id", "source", "fees_breakdown", "connect",
        "pos_transaction_data");

    add_moments(checked(object), transaction);
    return object;
}

static void add_refund_moments(json_t *object, const struct paystack_refund *refund)
{
    bool is_processed = refund->status == PAYSTACK_REFUND_PROCESSED;

    json_object_set_new(object, "refunded_at",
                        paystack_render_moment(is_processed ? refund->updated_at_s : 0));
    json_object_set_new(object, "expected_at",
                        paystack_render_moment(refund->item.created_s + REFUND_TAKES_S));
    json_object_set_new(object, "createdAt", paystack_render_moment(refund->item.created_s));
    json_object_set_new(object, "updatedAt", paystack_render_moment(refund->updated_at_s));
}

/* What POST and GET have in common. */
static json_t *render_refund(const struct paystack *paystack, const struct paystack_refund *refund)
{
    json_t *object = json_pack(
        "{s:I, s:i, s:s, s:s, s:I, s:s, s:I, s:s, s:s, s:s, s:s?, s:n, s:n, s:n}",
        "id", (json_int_t) refund->number, "integration", PAYSTACK_INTEGRATION,
        "domain", paystack->settings.domain, "currency", refund->transaction->currency,
        "amount", (json_int_t) refund->amount,
        "status", paystack_refund_status_name(refund->status),
        "deducted_amount", (json_int_t) refund->amount,
        "refunded_by", "merchant@sandbox.example",
        "customer_note", refund->customer_note, "merchant_note", refund->merchant_note,
        "bank_reference", refund->reference[0] == '\0' ? NULL : refund->reference,
        "dispute", "settlement", "session_id");

    add_refund_moments(checked(object), refund);
    return object;
}

json_t *paystack_render_refund(const struct paystack *paystack,
                               const struct paystack_refund *refund)
{
    const struct paystack_transaction *transaction = refund->transaction;
    json_t *object = render_refund(paystack, refund);
    json_t *more = json_pack("{s:I, s:s, s:I, s:i, s:o, s:s, s:s, s:s, s:s, s:b}",
        "transaction", (json_int_t) transaction->number,
        "transaction_reference", transaction->reference,
        "transaction_amount", (json_int_t) transaction->amount, "fully_deducted", 1,
        "customer", paystack_render_customer(transaction->email),
        "reason", refund->merchant_note,
        "refund_type", refund->amount == transaction->amount ? "full" : "partial",
        "initiated_by", "merchant@sandbox.example", "refund_channel", transaction->channel,
        "collect_account_number", 0);

    json_object_update_new(object, checked(more));
    return object;
}

json_t *paystack_render_new_refund(const struct paystack *paystack,
                                   const struct paystack_refund *refund)
{
    json_t *object = render_refund(paystack, refund);

    json_object_set_new(object, "transaction",
                        paystack_render_transaction(paystack, refund->transaction));
    json_object_set_new(object, "channel", json_null());
    json_object_set_new(object, "fully_deducted", json_false());
    return object;
}

json_t *paystack_render_refund_event(const struct paystack *paystack,
                                     const struct paystack_refund *refund)
{
    bool is_number = refund->status == PAYSTACK_REFUND_FAILED ||
                     refund->status == PAYSTACK_REFUND_NEEDS_ATTENTION;
    char amount[24];

    snprintf(amount, sizeof amount, "%" PRId64, refund->amount);
    return checked(json_pack(
        "{s:s, s:s, s:s?, s:o, s:s, s:s, s:{s:n, s:n, s:s}, s:i, s:s}",
        "status", paystack_refund_status_name(refund->status),
        "transaction_reference", refund->transaction->reference,
        "refund_reference", refund->reference[0] == '\0' ? NULL : refund->reference,
        "amount", is_number ? json_integer(refund->amount) : json_string(amount),
        "currency", refund->transaction->currency, "processor", "mpgs_zen",
        "customer", "first_name", "last_name", "email", refund->transaction->email,
        "integration", PAYSTACK_INTEGRATION, "domain", paystack->settings.domain));
}
