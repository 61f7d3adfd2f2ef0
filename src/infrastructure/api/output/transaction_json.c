/* One movement of money as a JSON object. */
#include "transaction_json.h"

#include "answer_json.h"

/* Two members, as json_out_money. */
static void money_or_null(struct text *text, const char *name, bool told, struct money amount)
{
    if (told) {
        json_out_money(text, name, amount);
        return;
    }
    json_out_null(text, name);
    json_out_null(text, arena_printf(text->arena, "%sMinor", name));
}

void transaction_json(struct text *text, const struct transaction *transaction)
{
    json_out_object(text, NULL);
    json_out_text(text, "id", transaction->id);
    json_out_text(text, "type", transaction->kind);
    json_out_text(text, "status", TRANSACTION_STATUS);
    json_out_money(text, "amount", transaction->amount);
    json_out_text(text, "currency", transaction->amount.currency);
    json_out_text(text, "provider", transaction->provider);
    json_out_optional(text, "externalId", transaction->provider_ref);
    json_out_text(text, "paymentId", transaction->payment_id.text);
    json_out_text(text, "orderId", transaction->order_id.text);
    json_out_time(text, "occurredAt", transaction->occurred_at_ms);
    json_out_time(text, "recordedAt", transaction->recorded_at_ms);
    json_out_text(text, "traceId", transaction->trace_id);
    money_or_null(text, "fee", transaction->fee_told, transaction->fee);
    money_or_null(text, "net", transaction->net_told, transaction->net);
    json_out_optional(text, "settlementCurrency", transaction->fee.currency);
    json_out_object_end(text);
}
