/* Asks the provider by name for an object that only our ledger has. */
#include "reconcile_parts.h"

#include <string.h>

#include "application/recovery/refund_listing.h"

/* True when the provider's answer was complete and says that nothing has that name. */
static bool is_unknown_there(const struct provider_reply *reply)
{
    return reply->complete && reply->http_status == 404;
}

static enum presence presence_of(bool told, bool there, const struct provider_reply *reply)
{
    if (told)
        return there ? PRESENCE_YES : PRESENCE_NO;
    return is_unknown_there(reply) ? PRESENCE_NO : PRESENCE_UNTOLD;
}

/* --- A charge ------------------------------------------------------------------------------ */

static enum presence look_for_charge(struct ctx *ctx, const struct provider *provider,
                                     const struct payment *payment, struct provider_reply *reply)
{
    struct provider_request request;
    struct provider_outcome outcome;
    bool there;

    if (provider->write_retrieve(ctx, payment, &request) != OK)
        return PRESENCE_UNTOLD;
    provider->call(ctx, provider, &request, reply);
    provider->read_reply(ctx, provider, payment, &request, reply, &outcome);
    there = outcome.payment.facts.captured_minor > 0 || outcome.payment.facts.mismatch;
    return presence_of(outcome.verdict == VERDICT_DONE, there, reply);
}

/* --- A refund ------------------------------------------------------------------------------ */

static bool is_listed(const struct refund_listing *listing, const struct ledger_row *row)
{
    for (int i = 0; i < listing->count; i++) {
        const struct provider_refund *refund = &listing->refunds[i];

        if (strcmp(refund->ref, row->entry.ref) == 0
            || (refund->refund_id.text[0] != '\0'
                && strcmp(refund->refund_id.text, row->owner.refund_id.text) == 0))
            return true;
    }
    return false;
}

static enum presence look_for_refund(struct ctx *ctx, const struct provider *provider,
                                     const struct payment *payment, const struct ledger_row *row,
                                     struct provider_reply *reply)
{
    struct refund_listing listing = refund_listing_new(provider, payment);
    bool there = false;

    while (!there && refund_listing_next(ctx, &listing))
        there = is_listed(&listing, row);
    *reply = listing.reply;
    return presence_of(there || listing.ended, there, reply);
}

/* --- A dispute ----------------------------------------------------------------------------- */

/* The references of later movements have a colon and the new sum after the dispute's. */
static bool is_named(const struct provider_dispute *dispute, const char *ref)
{
    const size_t size = strlen(dispute->ref);

    return strncmp(dispute->ref, ref, size) == 0 && (ref[size] == '\0' || ref[size] == ':');
}

static enum presence look_for_dispute(struct ctx *ctx, const struct provider *provider,
                                      const struct payment *payment, const struct ledger_row *row,
                                      struct provider_reply *reply)
{
    struct provider_request request;
    struct provider_dispute *disputes;
    bool told, there = false;
    int count = 0;

    if (provider->write_list_disputes == NULL
        || provider->write_list_disputes(ctx, payment, &request) != OK)
        return PRESENCE_UNTOLD;
    provider->call(ctx, provider, &request, reply);
    told = provider->read_dispute_list(ctx, payment, reply, &disputes, &count);
    for (int i = 0; told && i < count; i++)
        there |= is_named(&disputes[i], row->entry.ref);
    return presence_of(told, there, reply);
}

/* --- Any of them --------------------------------------------------------------------------- */

const struct problem *reconcile_look_there(struct ctx *ctx, const struct provider *provider,
                                           const struct ledger_row *row,
                                           enum presence *presence_out,
                                           struct provider_reply *reply_out)
{
    struct payment payment;
    bool found;

    *presence_out = PRESENCE_UNTOLD;
    *reply_out = (struct provider_reply) { .request_id = "", .error = "" };
    TRY(store_payment_find(ctx, row->owner.payment_id, NULL, &payment, &found));
    if (!found)
        return OK;
    switch (row->kind) {
    case BOOK_CHARGES:
        *presence_out = look_for_charge(ctx, provider, &payment, reply_out);
        break;
    case BOOK_REFUNDS:
        *presence_out = look_for_refund(ctx, provider, &payment, row, reply_out);
        break;
    case BOOK_DISPUTES:
        *presence_out = look_for_dispute(ctx, provider, &payment, row, reply_out);
        break;
    }
    return OK;
}
