/* Opens disputes, moves them on and ends them, with their events. */
#include "paystack_disputes.h"

#include "paystack_events.h"
#include "paystack_payments.h"
#include "paystack_render.h"
#include "sandbox/kit/alloc.h"

static const char over_already[] = "The dispute is over.";

static void emit(struct paystack *paystack, const char *event,
                 const struct paystack_dispute *dispute)
{
    paystack_event_emit(paystack, event, dispute->transaction,
                        paystack_render_dispute_event(paystack, dispute));
}

static void note_status(struct paystack *paystack, struct paystack_dispute *dispute,
                        const char *by)
{
    dispute->updated_at_s = paystack_now_s(paystack);
    json_array_append_new(dispute->history,
        json_pack("{s:s, s:s, s:o}", "status", paystack_dispute_status_name(dispute->status),
                  "by", by, "createdAt", paystack_render_moment(dispute->updated_at_s)));
}

void paystack_dispute_add_message(struct paystack *paystack, struct paystack_dispute *dispute,
                                  const char *sender, const char *body)
{
    dispute->updated_at_s = paystack_now_s(paystack);
    json_array_append_new(dispute->messages,
        json_pack("{s:s, s:s, s:o}", "sender", sender, "body", body,
                  "createdAt", paystack_render_moment(dispute->updated_at_s)));
}

static int64_t rest_of(const struct paystack_transaction *transaction)
{
    return transaction->amount - transaction->refunded - transaction->charged_back -
           transaction->reversed;
}

struct paystack_dispute *paystack_dispute_make(struct paystack *paystack,
                                               struct paystack_transaction *transaction,
                                               int64_t amount, const char *category,
                                               int64_t due_s, const char **why_out)
{
    struct paystack_dispute *dispute;
    int64_t                  rest = rest_of(transaction);

    if (transaction->paid_at_s == 0 || rest <= 0 || amount > rest) {
        *why_out = "Less than that was paid, so it cannot be disputed.";
        return NULL;
    }
    dispute = alloc_new(1, sizeof *dispute);
    dispute->number = paystack_add(paystack, &paystack->disputes, &dispute->item);
    dispute->transaction = transaction;
    dispute->refund_amount = amount == 0 ? rest : amount;
    dispute->category = alloc_dup(category);
    dispute->due_at_s = dispute->item.created_s + due_s;
    dispute->history = json_array();
    dispute->messages = json_array();
    heap_push(&paystack->due, dispute->due_at_s, dispute);
    note_status(paystack, dispute, transaction->email);
    emit(paystack, "charge.dispute.create", dispute);
    return dispute;
}

static bool is_over(const struct paystack_dispute *dispute)
{
    return dispute->status == PAYSTACK_DISPUTE_RESOLVED ||
           dispute->status == PAYSTACK_DISPUTE_ARCHIVED;
}

const char *paystack_dispute_remind(struct paystack *paystack, struct paystack_dispute *dispute)
{
    if (is_over(dispute))
        return over_already;
    emit(paystack, "charge.dispute.remind", dispute);
    return NULL;
}

const char *paystack_dispute_move(struct paystack *paystack, struct paystack_dispute *dispute,
                                  enum paystack_dispute_status status)
{
    if (is_over(dispute) && status != PAYSTACK_DISPUTE_ARCHIVED)
        return over_already;
    if (status == PAYSTACK_DISPUTE_RESOLVED)
        return "A dispute is resolved by a resolution.";
    dispute->status = status;
    note_status(paystack, dispute, "bank");
    return NULL;
}

/* Gives the money back, or what is left of it: a refund may have taken some meanwhile. */
static void give_back(struct paystack_dispute *dispute, int64_t amount)
{
    int64_t rest = rest_of(dispute->transaction);

    dispute->refund_amount = amount < rest ? amount : rest;
    dispute->transaction->charged_back += dispute->refund_amount;
    paystack_payment_note_return(dispute->transaction);
}

const char *paystack_dispute_resolve(struct paystack *paystack, struct paystack_dispute *dispute,
                                     enum paystack_resolution resolution, int64_t amount)
{
    if (is_over(dispute))
        return over_already;
    if (amount > dispute->refund_amount)
        return "The refund amount is more than what is disputed.";
    dispute->status = PAYSTACK_DISPUTE_RESOLVED;
    dispute->resolution = resolution;
    dispute->resolved_at_s = paystack_now_s(paystack);
    if (resolution != PAYSTACK_DECLINED)
        give_back(dispute, amount == 0 ? dispute->refund_amount : amount);
    note_status(paystack, dispute,
                resolution == PAYSTACK_AUTO_ACCEPTED ? "Paystack" : "merchant@sandbox.example");
    emit(paystack, "charge.dispute.resolve", dispute);
    return NULL;
}

void paystack_disputes_settle_due(struct paystack *paystack)
{
    int64_t                 now_s = sandbox_clock_now_s(paystack->clock);
    const struct heap_item *first;

    while ((first = heap_first(&paystack->due)) != NULL && first->at <= now_s) {
        struct paystack_dispute *dispute = heap_pop(&paystack->due);

        if (dispute->status == PAYSTACK_DISPUTE_AWAITING_MERCHANT)
            paystack_dispute_resolve(paystack, dispute, PAYSTACK_AUTO_ACCEPTED, 0);
    }
}
