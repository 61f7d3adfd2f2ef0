/*
 * Reads Stripe's dispute objects. They carry no metadata of ours, so the payment intent names the
 * payment.
 * Source: docs/facts.md section 3 (Disputes), section 4 (charge.dispute.*).
 */
#include <stdlib.h>

#include "infrastructure/http_client/form.h"
#include "infrastructure/providers/stripe/stripe_currency.h"
#include "infrastructure/providers/stripe/stripe_documents.h"
#include "infrastructure/providers/stripe/stripe_parts.h"

#define DISPUTES  "/v1/disputes"
#define LIST_MAX  100           /* the most that Stripe lists at once */

const struct problem *stripe_write_list_disputes(struct ctx *ctx, const struct payment *payment,
                                                 struct provider_request *request_out)
{
    if (payment->provider_intent[0] == '\0')
        return problem_new(ctx->arena, PROBLEM_INVALID_PAYMENT_STATE,
                           "Payment %s has no known charge at the provider yet.",
                           payment->id.text);
    *request_out = (struct provider_request) {
        .operation = OP_LIST_DISPUTES,
        .method = "GET",
        .path = arena_printf(ctx->arena, DISPUTES "?payment_intent=%s&limit=%d",
                             form_escape(ctx->arena, payment->provider_intent), LIST_MAX),
        .idempotency_key = "",
    };
    return OK;
}

/* --- Dispute objects ----------------------------------------------------------------------- */

/*
 * warning_*: an inquiry, before any money moves; the charge can be refunded unless the object says
 * it cannot. appeal_*: the outcome is open again. prevented: settled with the payer before it
 * became a dispute.
 */
static const struct { const char *theirs; enum dispute_status ours; } statuses[] = {
    { "warning_needs_response", DISPUTE_INQUIRY },
    { "warning_under_review", DISPUTE_INQUIRY },
    { "warning_closed", DISPUTE_CLOSED },
    { "needs_response", DISPUTE_OPEN },
    { "under_review", DISPUTE_OPEN },
    { "appeal_needs_response", DISPUTE_OPEN },
    { "appeal_under_review", DISPUTE_OPEN },
    { "prevented", DISPUTE_CLOSED },
    { "won", DISPUTE_WON },
    { "lost", DISPUTE_LOST },
};

static bool read_status(const json_t *object, struct dispute_facts *facts)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (document_is(object, "status", statuses[i].theirs)) {
            facts->fact.status = statuses[i].ours;
            if (statuses[i].ours == DISPUTE_INQUIRY &&
                json_is_false(json_object_get(object, "is_charge_refundable")))
                facts->fact.status = DISPUTE_OPEN;
            document_copy(facts->provider_status, sizeof(facts->provider_status),
                          statuses[i].theirs);
            return true;
        }
    return false;
}

static bool read_money(const json_t *object, struct provider_dispute *dispute)
{
    int64_t stripe_amount;

    return document_integer(object, "amount", &stripe_amount) &&
           stripe_currency_read(document_text(object, "currency"), dispute->currency) &&
           stripe_amount_to_minor(stripe_amount, dispute->currency, &dispute->facts.amount_minor) &&
           dispute->facts.amount_minor > 0;
}

/* The dispute's intent, or that of its expanded charge. */
static const char *intent_of(const json_t *object)
{
    const char *intent = stripe_id(object, "payment_intent");

    return intent[0] != '\0' ? intent : stripe_id(json_object_get(object, "charge"),
                                                  "payment_intent");
}

/* 0 or null: the dispute cannot be answered, or can no longer be. */
static void read_due(const json_t *object, struct dispute_facts *facts)
{
    int64_t due_s;

    if (document_time(json_object_get(object, "evidence_details"), "due_by", &due_s) &&
        due_s > 0)
        facts->due_at_s = due_s;
}

/* --- Money that moved ---------------------------------------------------------------------- */

/* False: it settled in another currency than the dispute's, or its amount cannot be read. */
static bool read_movement(const json_t *movement, const char *dispute_currency, int64_t *minor_out)
{
    int64_t stripe_amount, minor;
    char currency[4];

    if (!document_integer(movement, "amount", &stripe_amount) || stripe_amount == INT64_MIN)
        return false;
    if (json_object_get(movement, "currency") != NULL &&
        (!stripe_currency_read(document_text(movement, "currency"), currency) ||
         strcmp(currency, dispute_currency) != 0))
        return false;
    if (!stripe_amount_to_minor(llabs(stripe_amount), dispute_currency, &minor))
        return false;
    *minor_out = stripe_amount < 0 ? -minor : minor;
    return true;
}

static bool takes(const json_t *movement, size_t place)
{
    int64_t stripe_amount;

    if (document_integer(movement, "amount", &stripe_amount))
        return stripe_amount < 0;
    return place % 2 == 0;
}

/*
 * A movement that is only named by its id counts as the whole amount: the first takes it, the next
 * gives it back, and so on. One that settled in the account's own currency also counts as the whole
 * amount; its sign says which way.
 */
static void add_movement(const json_t *movement, size_t place, struct provider_dispute *dispute)
{
    struct dispute_facts *facts = &dispute->facts;
    int64_t minor;

    if (!read_movement(movement, dispute->currency, &minor))
        minor = takes(movement, place) ? -facts->amount_minor : facts->amount_minor;
    if (minor < 0)
        facts->withdrawn_minor -= minor;
    else
        facts->reinstated_minor += minor;
}

/* No more can come back than was taken: a list that says so lacks an entry. */
static void read_movements(const json_t *object, struct provider_dispute *dispute)
{
    const json_t *movements = json_object_get(object, "balance_transactions");
    const size_t count = json_array_size(movements);

    for (size_t i = 0; i < count && i < LIST_MAX; i++)
        add_movement(json_array_get(movements, i), i, dispute);
    if (dispute->facts.withdrawn_minor < dispute->facts.reinstated_minor)
        dispute->facts.withdrawn_minor = dispute->facts.reinstated_minor;
}

bool stripe_read_dispute(const json_t *object, int64_t at_ms, struct provider_dispute *dispute_out)
{
    struct provider_dispute dispute = { .facts = { .at_ms = at_ms } };

    document_copy(dispute.ref, sizeof(dispute.ref), document_text(object, "id"));
    if (!document_is(object, "object", "dispute") || dispute.ref[0] == '\0' ||
        !read_status(object, &dispute.facts) || !read_money(object, &dispute))
        return false;
    document_copy(dispute.intent, sizeof(dispute.intent), intent_of(object));
    document_copy_start(dispute.facts.reason, sizeof(dispute.facts.reason),
                      document_text(object, "reason"));
    read_due(object, &dispute.facts);
    read_movements(object, &dispute);
    *dispute_out = dispute;
    return true;
}

/* --- Answers ------------------------------------------------------------------------------- */

/* Only a complete list of this payment's disputes counts. */
bool stripe_read_dispute_list(struct ctx *ctx, const struct payment *payment,
                              const struct provider_reply *reply,
                              struct provider_dispute **disputes_out, int *count_out)
{
    struct provider_dispute *disputes;
    const json_t *document, *data;
    size_t count;

    if (!reply->complete || reply->http_status != 200)
        return false;
    document = foreign_json_object(ctx->arena, reply->body);
    data = json_object_get(document, "data");
    count = json_array_size(data);
    if (!document_is(document, "object", "list") || !json_is_array(data) || count > LIST_MAX ||
        json_is_true(json_object_get(document, "has_more")))
        return false;
    disputes = arena_alloc(ctx->arena, count * sizeof(*disputes));
    for (size_t i = 0; i < count; i++)
        if (!stripe_read_dispute(json_array_get(data, i), ctx->now_ms, &disputes[i]) ||
            strcmp(disputes[i].intent, payment->provider_intent) != 0)
            return false;
    *disputes_out = disputes;
    *count_out = (int) count;
    return true;
}
