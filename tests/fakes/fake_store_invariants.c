/* What must hold of all committed rows (docs/reliability.md section 5.4). */
#include "fake_store_parts.h"

#include <stdio.h>

static void check(bool holds, const char *invariant, const char *id)
{
    if (!holds)
        fail_msg("invariant broken: %s (%s)", invariant, id);
}

static int count_payment_events(const struct fake_tables *rows, const char *payment_id,
                                enum domain_event type)
{
    int count = 0;

    for (int i = 0; i < rows->audit_count; i++)
        count += same(rows->audit[i].payment_id.text, payment_id) && rows->audit[i].event == type;
    return count;
}

static int64_t ledger_sum(const struct fake_tables *rows, const char *payment_id)
{
    int64_t sum = 0;

    for (int i = 0; i < rows->ledger_count; i++)
        if (same(rows->ledger[i].payment_id.text, payment_id)
            && rows->ledger[i].kind < MOVEMENT_DISPUTE)
            sum += rows->ledger[i].amount_minor;
    return sum;
}

static int64_t refund_sum(const struct fake_tables *rows, const char *payment_id,
                          int64_t (*of)(const struct refund *refund))
{
    int64_t sum = 0;

    for (int i = 0; i < rows->refund_count; i++)
        if (same(rows->refunds[i].payment_id.text, payment_id))
            sum += of(&rows->refunds[i]);
    return sum;
}

/* I12: the last audited change of status says what the status is. */
static bool audit_agrees(const struct fake_tables *rows, const struct payment *payment)
{
    const char *last = "\"to\":\"pending\"";
    char expected[64];

    snprintf(expected, sizeof(expected), "\"to\":\"%s\"", payment_status_name(payment->status));
    for (int i = 0; i < rows->audit_count; i++)
        if (same(rows->audit[i].payment_id.text, payment->id.text)
            && same(rows->audit[i].action, "status"))
            last = rows->audit[i].body;
    return strstr(last, expected) != NULL;
}

static void check_payment(struct fake_tables *rows, const struct payment *payment)
{
    const char *id = payment->id.text;
    bool is_paid = payment->facts.captured_minor > 0 && !payment->surplus
        && !payment_is_underpaid(&payment->facts, payment->amount.minor);
    int reviews;

    check(part_broken_constraint(rows, payment) == NULL, "the schema takes the row", id);
    check(ledger_sum(rows, id) == payment->facts.captured_minor - payment->facts.refunded_minor,
          "I4 ledger", id);
    check(refund_sum(rows, id, part_held_minor) == payment->refund_held_minor, "I3 held", id);
    check(refund_sum(rows, id, part_done_minor) == payment->facts.refunded_minor,
          "I3 refunded", id);
    check(part_disputes_agree(rows, payment), "I14, I15 disputes", id);
    check(audit_agrees(rows, payment), "I12 audited status", id);
    check(count_payment_events(rows, id, DOMAIN_EVENT_PAYMENT_CREATED) == 1,
          "created is told once", id);
    check(count_payment_events(rows, id, DOMAIN_EVENT_PAYMENT_COMPLETED) == is_paid,
          "completed is told once", id);
    reviews = count_payment_events(rows, id, DOMAIN_EVENT_PAYMENT_REVIEW_NEEDED);
    check(reviews >= payment->needs_review && (reviews > 0) == (payment->review_causes != 0),
          "a review is told with its cause", id);
}

static void check_order(struct fake_tables *rows, const struct order *order)
{
    const struct payment *holder = part_holder_of(rows, order->id.text, "");
    bool paid = holder != NULL && holder->facts.captured_minor > 0
        && !payment_is_underpaid(&holder->facts, holder->amount.minor);

    check((order->status != ORDER_OPEN) == paid, "I13 label of the order", order->id.text);
    check((order->status == ORDER_REFUNDED)
              == (paid && holder->status == PAYMENT_REFUNDED), "I13 refunded", order->id.text);
}

void fake_store_check_invariants(struct store *store)
{
    struct fake_tables *rows = &store->committed;

    for (int i = 0; i < rows->payment_count; i++)
        check_payment(rows, &rows->payments[i]);
    for (int i = 0; i < rows->order_count; i++)
        check_order(rows, &rows->orders[i]);
    for (int i = 0; i < rows->webhook_count; i++)
        check(rows->webhooks[i].status != INBOX_PROCESSED
                  || rows->webhooks[i].payment_id.text[0] != '\0',
              "I8 a processed event has its payment", rows->webhooks[i].event_id);
    for (int i = 0; i < rows->key_count; i++)
        check(!rows->keys[i].done || rows->keys[i].answer_body[0] != '\0', "a key has its answer",
              rows->keys[i].key);
}
