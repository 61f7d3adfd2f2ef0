/*
 * Lists what moved money on the account, whoever made it: charges, refunds and disputes by the day
 * they were made, each with its balance transaction, which states Stripe's fee. The balance
 * transaction is null for some seconds after the charge (since 2024-04-10), and fees are in the
 * account's own currency. A bank debit brings its money days after the charge was made, and a
 * refund may fail days later. So after the charges and the refunds, the day's balance transactions
 * are read for objects made on another day.
 * Source: docs.stripe.com/api/charges/list, refunds/list, disputes/list, balance_transactions/list.
 */
#include <stdlib.h>
#include <string.h>

#include "infrastructure/http_client/form.h"
#include "infrastructure/providers/stripe/stripe_currency.h"
#include "infrastructure/providers/stripe/stripe_documents.h"
#include "infrastructure/providers/stripe/stripe_parts.h"

#define BALANCE       "/v1/balance_transactions"
#define BALANCE_BEGIN "balance"         /* a place: the start of that list */
#define BALANCE_ID    "txn_"            /* and one within it */

static const char *const lists[BOOK_KIND_COUNT] = {
    [BOOK_CHARGES] = "/v1/charges",
    [BOOK_REFUNDS] = "/v1/refunds",
    [BOOK_DISPUTES] = "/v1/disputes",
};

const struct problem *stripe_write_list_book(struct ctx *ctx, enum book_kind kind, int64_t from_s,
                                             int64_t to_s, const char *after,
                                             struct provider_request *request_out)
{
    const bool begins = after[0] == '\0' || strcmp(after, BALANCE_BEGIN) == 0;
    const bool in_balance = strcmp(after, BALANCE_BEGIN) == 0 ||
                            strncmp(after, BALANCE_ID, strlen(BALANCE_ID)) == 0;
    struct text path = text_new(ctx->arena);

    text_printf(&path, "%s?limit=%d&created[gte]=%lld&created[lt]=%lld",
                in_balance ? BALANCE : lists[kind], PROVIDER_EVENTS_PAGE_MAX, (long long) from_s,
                (long long) to_s);
    if (!begins)
        text_printf(&path, "&starting_after=%s", form_escape(ctx->arena, after));
    if (in_balance)
        text_append(&path, "&expand[]=data.source");
    else if (kind != BOOK_DISPUTES)     /* a dispute includes its balance transactions */
        text_append(&path, "&expand[]=data.balance_transaction");
    *request_out = (struct provider_request) {
        .operation = OP_LIST_BOOK, .method = "GET", .path = text_bytes(&path).data,
        .idempotency_key = "",
    };
    return OK;
}

/* --- Stripe's fee -------------------------------------------------------------------------- */

static bool read_signed(const json_t *movement, const char *member, const char *currency,
                        int64_t *minor_out)
{
    int64_t stripe_amount, minor;

    if (!document_integer(movement, member, &stripe_amount) || stripe_amount == INT64_MIN ||
        !stripe_amount_to_minor(llabs(stripe_amount), currency, &minor))
        return false;
    *minor_out = stripe_amount < 0 ? -minor : minor;
    return true;
}

/* Only an expanded balance transaction has the fee; one named by its id has not. */
static void read_settled(const json_t *movement, struct provider_book_entry *entry)
{
    char currency[4];

    if (!document_is(movement, "object", "balance_transaction") ||
        !stripe_currency_read(document_text(movement, "currency"), currency))
        return;
    entry->fee_told = read_signed(movement, "fee", currency, &entry->fee_minor);
    entry->net_told = read_signed(movement, "net", currency, &entry->net_minor);
    if (entry->fee_told || entry->net_told)
        memcpy(entry->settled_currency, currency, sizeof(currency));
}

/* --- The objects --------------------------------------------------------------------------- */

enum reading { READ, LEFT_OUT, UNREADABLE };

static void name_it(struct provider_book_entry *entry, const char *ref, const json_t *object)
{
    document_copy(entry->entry.ref, sizeof(entry->entry.ref), ref);
    document_copy(entry->told_ref, sizeof(entry->told_ref), document_text(object, "id"));
}

/* The money of a bank debit moves when its balance transaction is made. */
static void read_movement_of(const json_t *charge, struct provider_book_entry *entry)
{
    const json_t *movement = json_object_get(charge, "balance_transaction");
    int64_t at_s;

    read_settled(movement, entry);
    if (document_time(movement, "created", &at_s))
        entry->entry.at_ms = at_s * 1000;
}

/* A charge without an intent is another integration's; its own id is its reference. */
static enum reading read_charge(const json_t *object, const struct provider *provider,
                                int64_t created_s, struct provider_book_entry *entry)
{
    const json_t *live = json_object_get(object, "livemode");
    int64_t stripe_amount;

    if (!document_is(object, "object", "charge") ||
        !document_integer(object, "amount_captured", &stripe_amount))
        return UNREADABLE;
    if (!document_is(object, "status", "succeeded") || stripe_amount == 0)
        return LEFT_OUT;
    if (!stripe_currency_read(document_text(object, "currency"), entry->entry.moved.currency)
        || !stripe_amount_to_minor(stripe_amount, entry->entry.moved.currency,
                                   &entry->entry.moved.minor))
        return UNREADABLE;
    stripe_read_references(object, &entry->payment);
    name_it(entry,
            entry->payment.intent[0] != '\0' ? entry->payment.intent : document_text(object, "id"),
            object);
    entry->other_mode = json_is_boolean(live) && json_is_true(live) != provider->livemode;
    entry->entry.at_ms = created_s * 1000;
    read_movement_of(object, entry);
    return READ;
}

static enum reading read_refund(const json_t *object, int64_t created_s,
                                struct provider_book_entry *entry)
{
    struct provider_refund refund;

    if (!stripe_read_refund(object, &refund))
        return UNREADABLE;
    name_it(entry, refund.ref, object);
    entry->refund_id = refund.refund_id;
    memcpy(entry->payment.intent, refund.intent, sizeof(refund.intent));
    memcpy(entry->entry.moved.currency, refund.currency, sizeof(refund.currency));
    entry->entry.idle = refund.status == REFUND_FAILED || refund.status == REFUND_CANCELLED;
    if (refund.status == REFUND_SUCCEEDED) {
        entry->entry.moved.minor = -refund.amount_minor;
        entry->entry.at_ms = created_s * 1000;
    }
    read_settled(json_object_get(object, "balance_transaction"), entry);
    return READ;
}

/* Its first movement shows when the money was taken; the dispute may have begun as an inquiry. */
static enum reading read_dispute(const json_t *object, int64_t created_s,
                                 struct provider_book_entry *entry)
{
    const json_t *first = json_array_get(json_object_get(object, "balance_transactions"), 0);
    struct provider_dispute dispute;
    int64_t at_s;

    if (!stripe_read_dispute(object, created_s * 1000, &dispute))
        return UNREADABLE;
    name_it(entry, dispute.ref, object);
    memcpy(entry->payment.intent, dispute.intent, sizeof(dispute.intent));
    memcpy(entry->entry.moved.currency, dispute.currency, sizeof(dispute.currency));
    entry->entry.moved.minor = dispute.facts.reinstated_minor - dispute.facts.withdrawn_minor;
    if (document_time(first, "created", &at_s))
        entry->entry.at_ms = at_s * 1000;
    read_settled(first, entry);
    return READ;
}

static enum reading read_object(const json_t *object, const struct provider *provider,
                                enum book_kind kind, struct provider_book_entry *entry)
{
    int64_t created_s;

    if (document_text(object, "id")[0] == '\0' || !document_time(object, "created", &created_s) ||
        created_s <= 0)
        return UNREADABLE;
    switch (kind) {
    case BOOK_CHARGES:  return read_charge(object, provider, created_s, entry);
    case BOOK_REFUNDS:  return read_refund(object, created_s, entry);
    case BOOK_DISPUTES: return read_dispute(object, created_s, entry);
    }
    return UNREADABLE;
}

/* --- The balance --------------------------------------------------------------------------- */

#define DAY_S (24 * 3600)

static bool is_source_of(enum book_kind kind, const json_t *source)
{
    return (kind == BOOK_CHARGES && document_is(source, "object", "charge")) ||
           (kind == BOOK_REFUNDS && document_is(source, "object", "refund"));
}

/*
 * Objects made on the same day were in their own list. Balance transactions of other sources are
 * none of our objects.
 */
static enum reading read_balance(const json_t *movement, const struct provider *provider,
                                 enum book_kind kind, struct provider_book_entry *entry)
{
    const json_t *source = json_object_get(movement, "source");
    int64_t moved_s, made_s;
    enum reading reading;

    if (!is_source_of(kind, source))
        return LEFT_OUT;
    if (!document_time(movement, "created", &moved_s) || !document_time(source, "created", &made_s))
        return UNREADABLE;
    if (moved_s / DAY_S == made_s / DAY_S)
        return LEFT_OUT;
    reading = read_object(source, provider, kind, entry);
    if (reading == READ && kind == BOOK_CHARGES) {
        entry->entry.at_ms = moved_s * 1000;
        read_settled(movement, entry);
    }
    return reading;
}

/* --- A page -------------------------------------------------------------------------------- */

static void take(struct ctx *ctx, const struct provider *provider, enum book_kind kind,
                 struct bytes body, struct provider_book_page *page, const char **last_id)
{
    const json_t *object = foreign_json_object(ctx->arena, body);
    struct provider_book_entry entry = { .fee_told = false };
    const enum reading reading = document_is(object, "object", "balance_transaction")
        ? read_balance(object, provider, kind, &entry)
        : read_object(object, provider, kind, &entry);

    if (document_text(object, "id")[0] != '\0')
        *last_id = document_text(object, "id");
    if (reading == READ)
        page->entries[page->count++] = entry;
    page->unreadable += reading == UNREADABLE;
}

bool stripe_read_book(struct ctx *ctx, const struct provider *provider, enum book_kind kind,
                      const struct provider_reply *reply, struct provider_book_page *page_out)
{
    struct provider_book_page page = { .after = "" };
    const char *last_id = "";
    struct foreign_list list;
    const json_t *more;

    if (!reply->complete || reply->http_status != 200 ||
        !foreign_list_read(ctx->arena, reply->body, "data", &list))
        return false;
    more = json_object_get(list.envelope, "has_more");
    if (!document_is(list.envelope, "object", "list") || !json_is_boolean(more))
        return false;
    page.entries = arena_alloc(ctx->arena, (size_t) (list.count + 1) * sizeof(page.entries[0]));
    for (int i = 0; i < list.count; i++)
        take(ctx, provider, kind, list.items[i], &page, &last_id);
    if (json_is_true(more) && last_id[0] == '\0')
        return false;                   /* without an id the next page cannot be asked for */
    if (json_is_true(more))
        page.after = arena_strdup(ctx->arena, last_id);
    else if (kind != BOOK_DISPUTES && !document_is(list.envelope, "url", BALANCE))
        page.after = BALANCE_BEGIN;
    *page_out = page;
    return true;
}
