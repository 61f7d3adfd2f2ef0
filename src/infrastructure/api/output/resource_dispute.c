#include "application/answer.h"

#include "json_out.h"

static void write_amount(struct text *text, const char *name, const struct dispute *dispute,
                         int64_t minor)
{
    struct money amount = { .minor = minor };

    memcpy(amount.currency, dispute->currency, sizeof(amount.currency));
    json_out_money(text, name, amount);
}

struct bytes dispute_json(struct ctx *ctx, const struct dispute *dispute)
{
    const struct dispute_facts *facts = &dispute->facts;
    struct text text = text_new(ctx->arena);

    text_append_char(&text, '{');
    json_out_text(&text, "id", dispute->id.text);
    json_out_text(&text, "paymentId", dispute->payment_id.text);
    write_amount(&text, "amount", dispute, facts->amount_minor);
    json_out_text(&text, "currency", dispute->currency);
    json_out_text(&text, "status", dispute_status_name(facts->fact.status));
    json_out_optional(&text, "providerStatus", facts->provider_status);
    json_out_optional(&text, "reason", facts->reason);
    json_out_time(&text, "dueAt", facts->due_at_s * 1000);
    write_amount(&text, "withdrawnAmount", dispute, facts->withdrawn_minor);
    write_amount(&text, "reinstatedAmount", dispute, facts->reinstated_minor);
    json_out_optional(&text, "externalId", dispute->provider_ref);
    json_out_time(&text, "createdAt", dispute->created_at_ms);
    json_out_time(&text, "updatedAt", dispute->updated_at_ms);
    text_append_char(&text, '}');
    return text_bytes(&text);
}
