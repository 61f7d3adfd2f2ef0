/*
 * Lists what moved money on the account, whoever made it: transactions, refunds and disputes by the
 * day they were made. A transaction states Paystack's fee once it has succeeded; no list says what
 * reached the balance for a single one.
 * Source: docs/facts.md section 7; paystack.com/docs/api (transaction, refund, dispute: from, to,
 * page, perPage).
 */
#include <string.h>

#include "base/rfc3339.h"
#include "infrastructure/http_client/form.h"
#include "infrastructure/providers/paystack/paystack_currency.h"
#include "infrastructure/providers/paystack/paystack_documents.h"
#include "infrastructure/providers/paystack/paystack_parts.h"

#define PAGE_SIZE 100

const struct problem *paystack_write_list_book(struct ctx *ctx, enum book_kind kind, int64_t from_s,
                                               int64_t to_s, const char *after,
                                               struct provider_request *request_out)
{
    static const char *const lists[BOOK_KIND_COUNT] = {
        [BOOK_CHARGES] = "/transaction", [BOOK_REFUNDS] = "/refund", [BOOK_DISPUTES] = "/dispute",
    };
    char from[RFC3339_TEXT_MAX], to[RFC3339_TEXT_MAX];

    rfc3339_print(from_s * 1000, from);
    rfc3339_print(to_s * 1000 - 1, to);         /* to is included */
    *request_out = (struct provider_request) {
        .operation = OP_LIST_BOOK,
        .method = "GET",
        .path = arena_printf(ctx->arena, "%s?from=%s&to=%s&perPage=%d&page=%s", lists[kind],
                             form_escape(ctx->arena, from), form_escape(ctx->arena, to), PAGE_SIZE,
                             after[0] != '\0' ? after : "1"),
        .idempotency_key = "",
    };
    return OK;
}

/* --- The objects --------------------------------------------------------------------------- */

enum reading { READ, LEFT_OUT, UNREADABLE };

/* The amount asked for if the payer bore the fee on top of it, else the amount that arrived. */
static bool read_amount(const json_t *object, int64_t *hundredths_out)
{
    int64_t amount, requested, fees;

    if (!paystack_amount(object, "amount", &amount))
        return false;
    *hundredths_out = amount;
    if (paystack_amount(object, "requested_amount", &requested) && amount > requested &&
        paystack_amount(object, "fees", &fees) && amount - requested <= fees)
        *hundredths_out = requested;
    return true;
}

static void read_fee(const json_t *object, struct provider_book_entry *entry)
{
    int64_t hundredths;

    entry->fee_told = paystack_amount(object, "fees", &hundredths) &&
                      paystack_amount_to_minor(hundredths, entry->entry.moved.currency,
                                               &entry->fee_minor);
    if (entry->fee_told)
        memcpy(entry->settled_currency, entry->entry.moved.currency,
               sizeof(entry->settled_currency));
}

static bool is_captured(const json_t *object)
{
    return document_is(object, "status", "success") || document_is(object, "status", "reversed");
}

static enum reading read_transaction(struct ctx *ctx, const struct provider *provider,
                                     const json_t *object, struct provider_book_entry *entry)
{
    const char *reference = document_text(object, "reference");
    int64_t hundredths;
    bool livemode;

    if (reference[0] == '\0' || document_text(object, "status")[0] == '\0')
        return UNREADABLE;
    if (!is_captured(object))
        return LEFT_OUT;
    document_copy(entry->entry.moved.currency, sizeof(entry->entry.moved.currency),
                  document_text(object, "currency"));
    if (!read_amount(object, &hundredths) || !paystack_livemode(object, &livemode)
        || !paystack_amount_to_minor(hundredths, entry->entry.moved.currency,
                                     &entry->entry.moved.minor))
        return UNREADABLE;
    paystack_read_metadata(ctx->arena, object, &entry->payment);
    document_copy(entry->payment.ref, sizeof(entry->payment.ref), reference);
    entry->payment.named_by_us = paystack_payment_id(reference, &entry->payment.payment_id);
    memcpy(entry->payment.intent, entry->entry.ref, sizeof(entry->payment.intent));
    entry->other_mode = livemode != provider->livemode;
    entry->entry.at_ms =
        1000 * paystack_time_s(object, (const char *const[]){ "paid_at", "paidAt", NULL });
    read_fee(object, entry);
    return READ;
}

/*
 * The transaction's reference leads to its payment; refunds and disputes have it in different
 * members.
 */
static void read_reference(const json_t *object, const char *member,
                           struct provider_payment *payment)
{
    const char *reference = document_text(object, member);

    if (reference[0] == '\0')
        reference = document_text(json_object_get(object, "transaction"), "reference");
    document_copy(payment->ref, sizeof(payment->ref), reference);
}

/* A refund made for a dispute is the same money as the dispute. */
static enum reading read_refund(const struct provider *provider, const json_t *object,
                                struct provider_book_entry *entry)
{
    const json_t *dispute = json_object_get(object, "dispute");
    struct provider_refund refund;
    bool livemode;

    if (!paystack_read_refund(object, &refund))
        return UNREADABLE;
    if (dispute != NULL && !json_is_null(dispute))
        return LEFT_OUT;
    entry->refund_id = refund.refund_id;
    entry->other_mode = paystack_livemode(object, &livemode) && livemode != provider->livemode;
    memcpy(entry->payment.intent, refund.intent, sizeof(refund.intent));
    memcpy(entry->entry.moved.currency, refund.currency, sizeof(refund.currency));
    read_reference(object, "transaction_reference", &entry->payment);
    entry->entry.idle = refund.status == REFUND_FAILED;
    if (refund.status == REFUND_SUCCEEDED) {
        entry->entry.moved.minor = -refund.amount_minor;
        entry->entry.at_ms = refund.at_s * 1000;
    }
    return READ;
}

static enum reading read_dispute(struct ctx *ctx, const json_t *object,
                                 struct provider_book_entry *entry)
{
    struct provider_dispute dispute;

    if (!paystack_read_dispute(object, ctx->now_ms, &dispute))
        return UNREADABLE;
    memcpy(entry->payment.intent, dispute.intent, sizeof(dispute.intent));
    memcpy(entry->entry.moved.currency, dispute.currency, sizeof(dispute.currency));
    read_reference(object, "merchant_transaction_reference", &entry->payment);
    entry->entry.moved.minor = -dispute.facts.withdrawn_minor;
    if (dispute.facts.withdrawn_minor > 0)
        entry->entry.at_ms = 1000 * paystack_time_s(object, (const char *const[]) {
            "resolvedAt", "resolved_at", NULL });
    return READ;
}

static enum reading read_object(struct ctx *ctx, const struct provider *provider,
                                enum book_kind kind, const json_t *object,
                                struct provider_book_entry *entry)
{
    paystack_copy_id(object, "id", entry->entry.ref);
    memcpy(entry->told_ref, entry->entry.ref, sizeof(entry->told_ref));
    if (entry->entry.ref[0] == '\0')
        return UNREADABLE;
    switch (kind) {
    case BOOK_CHARGES:  return read_transaction(ctx, provider, object, entry);
    case BOOK_REFUNDS:  return read_refund(provider, object, entry);
    case BOOK_DISPUTES: return read_dispute(ctx, object, entry);
    }
    return UNREADABLE;
}

/* --- A page -------------------------------------------------------------------------------- */

static void take(struct ctx *ctx, const struct provider *provider, enum book_kind kind,
                 struct bytes item, struct provider_book_page *page)
{
    struct provider_book_entry entry = { .fee_told = false };
    const enum reading reading = read_object(ctx, provider, kind,
                                             paystack_document_parse(ctx->arena, item), &entry);

    if (reading == READ)
        page->entries[page->count++] = entry;
    page->unreadable += reading == UNREADABLE;
}

bool paystack_read_book(struct ctx *ctx, const struct provider *provider, enum book_kind kind,
                        const struct provider_reply *reply, struct provider_book_page *page_out)
{
    struct provider_book_page page = { .after = "" };
    struct foreign_list list;
    int64_t next_page;

    if (!reply->complete || reply->http_status != 200
        || !foreign_list_read(ctx->arena, reply->body, "data", &list)
        || !paystack_worked(list.envelope) || !paystack_next_page(list.envelope, &next_page))
        return false;
    page.entries = arena_alloc(ctx->arena, (size_t) (list.count + 1) * sizeof(page.entries[0]));
    for (int i = 0; i < list.count; i++)
        take(ctx, provider, kind, list.items[i], &page);
    if (next_page > 0)
        page.after = arena_printf(ctx->arena, "%lld", (long long) next_page);
    *page_out = page;
    return true;
}
