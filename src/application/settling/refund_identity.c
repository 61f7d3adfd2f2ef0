/* Derives a refund's id from its payment and its key. */
#include "refund_identity.h"

#include <string.h>

#include "application/audit/digest.h"

#define CLOCKS_DIFFER_S 120     /* how far the provider's clock may run behind ours */

struct refund_id refund_id_of(struct payment_id payment_id, const char *key)
{
    const struct bytes parts[] = { bytes_of("payapi-refund|"), bytes_of(payment_id.text),
                                   bytes_of("|"), bytes_of(key) };
    struct digest digest = digest_of(parts, 4);
    struct refund_id id = { "" };

    id_print_beside("ref", payment_id.text, digest.bytes, id.text);
    return id;
}

bool refund_id_fits(struct refund_id id, struct payment_id payment_id)
{
    return id.text[0] != '\0' && id_same_time(id.text, payment_id.text);
}

static bool same_id(struct refund_id a, struct refund_id b)
{
    return strcmp(a.text, b.text) == 0;
}

enum refund_origin refund_origin_of(struct refund_id id, struct payment_id payment_id)
{
    if (!refund_id_fits(id, payment_id))
        return REFUND_BY_PROVIDER;
    return same_id(id, refund_id_of(payment_id, REFUND_KEY_OF_SURPLUS))
            || same_id(id, refund_id_of(payment_id, REFUND_KEY_OF_EXCESS))
        ? REFUND_OF_SURPLUS
        : REFUND_BY_API;
}

bool refund_is_possibly(const struct refund *refund, int64_t noted_at_ms,
                        const struct provider_refund *listed)
{
    return listed->refund_id.text[0] == '\0' && refund_holds_money(listed->status)
        && listed->amount_minor == refund->amount.minor
        && strcmp(listed->currency, refund->amount.currency) == 0
        && (listed->created_s == 0 || listed->created_s >= noted_at_ms / 1000 - CLOCKS_DIFFER_S);
}

static bool is_named(const struct refund *refund, const struct provider_refund *news)
{
    return news->ref[0] != '\0' && strcmp(refund->provider_ref, news->ref) == 0;
}

static bool awaits_its_object(const struct refund *refund)
{
    return refund->status == REFUND_PENDING && refund->provider_ref[0] == '\0';
}

const struct problem *refund_may_be_ours(struct ctx *ctx, const struct payment *payment,
                                         const struct provider_refund *news, bool *maybe_out)
{
    struct refund *refunds;
    bool found, known = false, maybe = false;
    int count;

    *maybe_out = false;
    if (news->refund_id.text[0] != '\0'
        || payment->refund_held_minor == payment->facts.refunded_minor)
        return OK;                      /* it names its refund, or no refund is under way */
    TRY(store_refunds_list(ctx, payment->id, NULL, &refunds, &count, &found));
    for (int i = 0; i < count; i++) {
        known |= is_named(&refunds[i], news);
        maybe |= awaits_its_object(&refunds[i])
                 && refund_is_possibly(&refunds[i], refunds[i].created_at_ms, news);
    }
    *maybe_out = maybe && !known;
    return OK;
}
