#include "domain/moment.h"
#include "infrastructure/providers/paystack/paystack_currency.h"
#include "infrastructure/providers/paystack/paystack_documents.h"
#include "infrastructure/providers/paystack/paystack_parts.h"

/*
 * Contested payments: what Paystack's dispute objects tell us. No withdrawal of its own is documented:
 * what is lost is taken.
 * Source: providers.md sections 7 and 8 (Dispute).
 */

/* resolution NULL: any. */
static const struct { const char *status, *resolution; enum dispute_status ours; } statuses[] = {
    { "awaiting-merchant-feedback", NULL,                DISPUTE_OPEN },
    { "awaiting-bank-feedback",     NULL,                DISPUTE_OPEN },
    { "pending",                    NULL,                DISPUTE_OPEN },
    { "resolved",                   "declined",          DISPUTE_WON },
    { "resolved",                   "merchant-accepted", DISPUTE_LOST },
    { "resolved",                   "auto-accepted",     DISPUTE_LOST },
    { "archived",                   "declined",          DISPUTE_WON },
    { "archived",                   "merchant-accepted", DISPUTE_LOST },
    { "archived",                   "auto-accepted",     DISPUTE_LOST },
};

static bool read_status(const json_t *object, struct dispute_facts *facts)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        const char *resolution = statuses[i].resolution;

        if (!document_is(object, "status", statuses[i].status) ||
            (resolution != NULL && !document_is(object, "resolution", resolution)))
            continue;
        facts->fact.status = statuses[i].ours;
        document_copy(facts->provider_status, sizeof(facts->provider_status),
                      resolution != NULL ? resolution : statuses[i].status);
        return true;
    }
    return false;
}

static bool read_money(const json_t *object, struct provider_dispute *dispute)
{
    int64_t hundredths;

    document_copy(dispute->currency, sizeof(dispute->currency), document_text(object, "currency"));
    return paystack_amount(object, "refund_amount", &hundredths) &&
           paystack_amount_to_minor(hundredths, dispute->currency, &dispute->facts.amount_minor) &&
           dispute->facts.amount_minor > 0;
}

/*
 * When it was said; 0 when the event does not tell, as in their own samples. Never when it came: a late
 * "create" would open again what a "resolve" had ended. Of words of one moment the rank counts.
 */
static int64_t said_at_ms(const json_t *object)
{
    int64_t updated_ms;

    return moment_parse(document_text(object, "updatedAt"), &updated_ms) ? updated_ms : 0;
}

bool paystack_read_dispute(const json_t *object, struct provider_dispute *dispute_out)
{
    struct provider_dispute dispute = { .facts = { .at_ms = said_at_ms(object) } };
    int64_t due_ms;

    paystack_copy_id(object, "id", dispute.ref);
    if (dispute.ref[0] == '\0' || !read_status(object, &dispute.facts) ||
        !read_money(object, &dispute))
        return false;
    paystack_copy_id(object, "transaction", dispute.intent);
    document_copy_start(dispute.facts.reason, sizeof(dispute.facts.reason),
                        document_text(object, "category"));
    if (moment_parse(document_text(object, "dueAt"), &due_ms))
        dispute.facts.due_at_s = due_ms / 1000;
    if (dispute.facts.fact.status == DISPUTE_LOST)
        dispute.facts.withdrawn_minor = dispute.facts.amount_minor;
    *dispute_out = dispute;
    return true;
}
