/*
 * Reads what a reply of Stripe means (docs/reliability.md section 2.2). Success needs more than
 * 2xx: a body that names our payment. Every other reply is looked up in one table; the first row
 * that matches counts. Without a match the verdict is UNKNOWN: a payment that may have been made
 * must never be called failed.
 */
#include "infrastructure/providers/shared/replies.h"
#include "infrastructure/providers/stripe/stripe_currency.h"
#include "infrastructure/providers/stripe/stripe_documents.h"
#include "infrastructure/providers/stripe/stripe_parts.h"

static const char unanswered[] =
    "The provider did not answer in time. The outcome is being determined; ask again later.";
static const char busy[] = "The provider is busy. The request is repeated later.";
static const char bad_amount[] = "The provider does not take this amount in this currency.";
static const char refused[] = "The provider refused the payment. The order can be paid anew.";
static const char not_understood[] =
    "The provider did not accept our request. Nothing was charged.";
static const char disputed[] = "The payer disputes the payment: it cannot be refunded now.";
static const char not_refundable[] = "The provider cannot refund the payment in its present state.";
static const char no_balance[] =
    "The balance at the provider does not cover the refund. Nothing was given back.";
static const char bad_key[] =
    "The provider refused our credentials. The request is repeated later.";

/*
 * Source: docs.stripe.com/error-codes (codes), docs.stripe.com/error-low-level (409, 429, 5xx and
 * the replayed 500), docs.stripe.com/api/idempotent_requests; docs/facts.md section 1.
 */
static const struct reply_rule rules[] = {
    /* No connection, name or TLS: Stripe saw no request. CURLINFO_REQUEST_SIZE is 0. */
    { REPLY_NOT_SENT, REPLY_NOT_SENT, OP_ANY, NULL, NULL, VERDICT_NOT_EXECUTED,
      PROBLEM_PROVIDER_UNAVAILABLE,
      "The provider could not be reached. The request is repeated later." },
    /* Sent, but no complete answer: time-out, reset, cut, too large. It may have taken effect. */
    { REPLY_LOST, REPLY_LOST, OP_ANY, NULL, NULL, VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT,
      unanswered },
    /* Only bodies that do not name our payment get here: the object may exist all the same. */
    { 200, 299, OP_ANY, NULL, NULL, VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT, unanswered },

    /* Our key was used with other parameters: an earlier request of ours exists. */
    { 400, 400, OP_ANY, "idempotency_error", NULL, VERDICT_UNKNOWN, PROBLEM_INTERNAL,
      "Our request to the provider contradicts an earlier one. The outcome is being determined." },
    /* A 400 of the limiter counts as 429. */
    { 400, 400, OP_ANY, ANY_ERROR, "rate_limit", VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_BUSY,
      busy },
    /* Another request held the object's lock: given up before anything was done. */
    { 400, 429, OP_ANY, ANY_ERROR, "lock_timeout", VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_BUSY,
      busy },

    /* The charge is not in the state we believe, or less of it is left: list its refunds. */
    { 400, 400, OP_REFUND, ANY_ERROR, "charge_already_refunded", VERDICT_REFUSED,
      PROBLEM_INVALID_PAYMENT_STATE, "The provider has already refunded the payment fully." },
    { 400, 400, OP_REFUND, ANY_ERROR, "amount_too_large", VERDICT_REFUSED,
      PROBLEM_INVALID_PAYMENT_STATE, "Less than that is left to refund at the provider." },
    { 400, 400, OP_REFUND, ANY_ERROR, "charge_disputed", VERDICT_REFUSED,
      PROBLEM_INVALID_PAYMENT_STATE, disputed },
    { 400, 400, OP_REFUND, ANY_ERROR, "refund_disputed_payment", VERDICT_REFUSED,
      PROBLEM_INVALID_PAYMENT_STATE, disputed },
    { 400, 400, OP_REFUND, ANY_ERROR, "charge_not_refundable", VERDICT_REFUSED,
      PROBLEM_INVALID_PAYMENT_STATE, not_refundable },
    { 400, 400, OP_REFUND, ANY_ERROR, "payment_intent_unexpected_state", VERDICT_REFUSED,
      PROBLEM_INVALID_PAYMENT_STATE, not_refundable },
    { 400, 400, OP_REFUND, ANY_ERROR, "intent_invalid_state", VERDICT_REFUSED,
      PROBLEM_INVALID_PAYMENT_STATE, not_refundable },
    /* Our balance at the provider does not cover it. */
    { 400, 400, OP_REFUND, ANY_ERROR, "balance_insufficient", VERDICT_REFUSED,
      PROBLEM_INVALID_PAYMENT_STATE, no_balance },
    { 400, 400, OP_REFUND, ANY_ERROR, "insufficient_funds", VERDICT_REFUSED,
      PROBLEM_INVALID_PAYMENT_STATE, no_balance },
    { 402, 402, OP_REFUND, ANY_ERROR, NULL, VERDICT_REFUSED, PROBLEM_PAYMENT_FAILED,
      "The provider refused the refund. Nothing was given back." },

    /* The client chose the amount. */
    { 400, 400, OP_ANY, ANY_ERROR, "amount_too_small", VERDICT_REFUSED, PROBLEM_INVALID_AMOUNT,
      bad_amount },
    { 400, 400, OP_ANY, ANY_ERROR, "amount_too_large", VERDICT_REFUSED, PROBLEM_INVALID_AMOUNT,
      bad_amount },
    { 400, 400, OP_ANY, ANY_ERROR, "invalid_charge_amount", VERDICT_REFUSED, PROBLEM_INVALID_AMOUNT,
      bad_amount },
    /* Only an open session can be expired: it was paid, or ended, in between. Read it again. */
    { 400, 400, OP_EXPIRE, ANY_ERROR, NULL, VERDICT_REFUSED, PROBLEM_INVALID_PAYMENT_STATE,
      "The payment page is no longer open. Ask for the payment's state." },
    /* Validation failed or the id is unknown: Stripe itself says so, so nothing was made. */
    { 400, 400, OP_ANY, ANY_ERROR, NULL, VERDICT_REFUSED, PROBLEM_PROVIDER_REJECTED_REQUEST,
      not_understood },
    { 404, 404, OP_ANY, ANY_ERROR, NULL, VERDICT_REFUSED, PROBLEM_PROVIDER_REJECTED_REQUEST,
      not_understood },
    { 422, 422, OP_ANY, ANY_ERROR, NULL, VERDICT_REFUSED, PROBLEM_PROVIDER_REJECTED_REQUEST,
      not_understood },
    /* The issuer said no. */
    { 402, 402, OP_ANY, ANY_ERROR, NULL, VERDICT_REFUSED, PROBLEM_PAYMENT_FAILED, refused },

    /* Wrong key, or a key without this permission: checked before anything is carried out. */
    { 401, 401, OP_ANY, NULL, NULL, VERDICT_MISCONFIGURED, PROBLEM_PROVIDER_MISCONFIGURED,
      bad_key },
    { 403, 403, OP_ANY, NULL, NULL, VERDICT_MISCONFIGURED, PROBLEM_PROVIDER_MISCONFIGURED,
      bad_key },
    /* idempotency_key_in_use: our first request is still running, and may yet succeed. */
    { 409, 409, OP_ANY, NULL, NULL, VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT, unanswered },
    /* Limiters come before the idempotency layer: neither carried out nor stored. */
    { 429, 429, OP_ANY, NULL, NULL, VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_BUSY, busy },
    /* A party behind Stripe failed: treated like 5xx. */
    { 424, 424, OP_ANY, NULL, NULL, VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT, unanswered },
    /* Indeterminate; the same key may replay the same 500. */
    { 500, 599, OP_ANY, NULL, NULL, VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT, unanswered },
    /* A redirect, an error page from an intermediary, an unforeseen status. */
    { REPLY_OTHERWISE, 0, OP_ANY, NULL, NULL, VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT,
      unanswered },
};

static const json_t *session_in(const struct ctx *ctx, const json_t *document,
                                const struct payment *payment);
static bool          read_absence(struct ctx *ctx, const json_t *list,
                                  struct provider_outcome *outcome_out);
static void          compare(const struct provider *provider, const struct payment *payment,
                             struct provider_payment *reported);
static const struct problem *with_limit(struct ctx *ctx, const struct problem *problem,
                                        struct money amount);

void stripe_read_reply(struct ctx *ctx, const struct provider *provider,
                       const struct payment *payment, const struct provider_request *request,
                       const struct provider_reply *reply, struct provider_outcome *outcome_out)
{
    const json_t *document = NULL;
    struct provider_payment reported = { 0 };

    *outcome_out = (struct provider_outcome) { .verdict = VERDICT_UNKNOWN };
    if (reply->complete)
        document = foreign_json_object(ctx->arena, reply->body);
    if (reply->http_status / 100 == 2 &&
        stripe_read_session(session_in(ctx, document, payment), &reported)) {
        compare(provider, payment, &reported);
        outcome_out->verdict = VERDICT_DONE;
        outcome_out->payment = reported;
        return;
    }
    if (reply->http_status / 100 == 2 && request->operation == OP_FIND &&
        session_in(ctx, document, payment) == NULL && read_absence(ctx, document, outcome_out))
        return;
    stripe_read_error(ctx, request, reply, document, outcome_out);
    if (outcome_out->problem->type == PROBLEM_INVALID_AMOUNT)
        outcome_out->problem = with_limit(ctx, outcome_out->problem, payment->amount);
}

/* --- Success ------------------------------------------------------------------------------- */

static bool is_ours(const json_t *session, const struct payment *payment)
{
    return document_is(session, "object", "checkout.session") &&
           document_is(json_object_get(session, "metadata"), "payment_id", payment->id.text) &&
           (payment->provider_ref[0] == '\0' || document_is(session, "id", payment->provider_ref));
}

/* A list holds the sessions of all programs on the account. */
static bool is_proven(const struct ctx *ctx, const json_t *session, const struct payment *payment)
{
    const char *proof = document_text(json_object_get(session, "metadata"), "payapi_proof");

    return payment->provider_ref[0] != '\0' || !payment->authored ||
           authorship_is_ours(ctx->settings->authorship, payment, proof);
}

/* The session of our payment: the document itself, or an entry of a list. NULL: there is none. */
static const json_t *session_in(const struct ctx *ctx, const json_t *document,
                                const struct payment *payment)
{
    const json_t *list = json_object_get(document, "data");

    if (is_ours(document, payment))
        return document;
    if (!document_is(document, "object", "list"))
        return NULL;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (is_ours(json_array_get(list, i), payment) &&
            is_proven(ctx, json_array_get(list, i), payment))
            return json_array_get(list, i);
    return NULL;
}

/* Uses the time of creation: a session names no later one, and an event that does must win. */
static bool set_progress(const json_t *session, enum payment_progress progress,
                         struct payment_snapshot *snapshot)
{
    snapshot->progress = progress;
    return document_time(session, "created", &snapshot->at_s);
}

/*
 * Complete and unpaid: an asynchronous method is under way, or has failed. Only the intent shows
 * which; a retrieve asks for it. The session takes no further attempt, so a failure ends it.
 */
static bool read_unpaid(const json_t *session, struct payment_facts *facts)
{
    const json_t *intent = json_object_get(session, "payment_intent");

    if (!document_is(intent, "status", "requires_payment_method"))
        return set_progress(session, PROGRESS_PROCESSING, &facts->snapshot);
    facts->closed = PAYMENT_CLOSED_FAILED;
    stripe_read_failure(json_object_get(intent, "last_payment_error"),
                        facts->snapshot.failure_code, facts->snapshot.failure_reason);
    return set_progress(session, PROGRESS_FAILED, &facts->snapshot);
}

/* The intent is made when the payer confirms (since 2022-08-01), and a card is charged then. */
static void set_captured(const json_t *session, struct provider_payment *payment)
{
    payment->facts.captured_minor = payment->amount_minor;
    (void) document_time(json_object_get(session, "payment_intent"), "created",
                            &payment->captured_at_s);
}

/* The page is open, the flow is complete, or the page has expired. */
static bool read_state(const json_t *session, struct provider_payment *payment)
{
    const bool complete = document_is(session, "status", "complete");
    struct payment_facts *facts = &payment->facts;

    if (complete && document_is(session, "payment_status", "paid"))
        set_captured(session, payment);
    else if (complete && document_is(session, "payment_status", "unpaid"))
        return read_unpaid(session, facts);
    else if (document_is(session, "status", "expired"))
        facts->closed = PAYMENT_CLOSED_EXPIRED;
    else
        return document_is(session, "status", "open") && payment->checkout_url[0] != '\0' &&
               set_progress(session, PROGRESS_OPENED, &facts->snapshot);
    return true;
}

bool stripe_read_session(const json_t *session, struct provider_payment *payment_out)
{
    const json_t *livemode = json_object_get(session, "livemode");

    stripe_read_references(session, payment_out);
    stripe_read_amount(session, "amount_total", payment_out);
    if (payment_out->ref[0] == '\0' || payment_out->currency[0] == '\0')
        return false;
    if (!json_is_boolean(livemode))
        return false;
    payment_out->livemode = json_is_true(livemode);
    if (document_is(session, "status", "open"))
        document_copy_page(payment_out->checkout_url, URL_MAX, document_text(session, "url"));
    return read_state(session, payment_out);
}

/*
 * Only a list that holds nothing but sessions and says whether it goes on can prove that ours is
 * missing.
 */
static bool read_absence(struct ctx *ctx, const json_t *list, struct provider_outcome *outcome_out)
{
    const json_t *data = json_object_get(list, "data"), *more = json_object_get(list, "has_more");
    const size_t count = json_array_size(data);

    if (!document_is(list, "object", "list") || !json_is_array(data) || !json_is_boolean(more) ||
        (json_is_true(more) && count == 0))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!document_is(json_array_get(data, i), "object", "checkout.session") ||
            document_text(json_array_get(data, i), "id")[0] == '\0')
            return false;
    outcome_out->verdict = VERDICT_DONE;
    outcome_out->absent = true;
    outcome_out->find_after = "";
    if (json_is_true(more))
        outcome_out->find_after =
            arena_strdup(ctx->arena, document_text(json_array_get(data, count - 1), "id"));
    return true;
}

/*
 * Another amount, currency or mode than ours: a human must look, and nobody may pay on that page.
 * Money in our currency and mode is a capture all the same; if the page has ended, that holds in
 * any case.
 */
static void compare(const struct provider *provider, const struct payment *payment,
                    struct provider_payment *reported)
{
    const bool is_our_money = strcmp(reported->currency, payment->amount.currency) == 0 &&
                              reported->livemode == provider->livemode;

    if (is_our_money && reported->amount_minor == payment->amount.minor)
        return;
    reported->facts = (struct payment_facts) {
        .mismatch = true,
        .closed = reported->facts.closed,
        .captured_minor = is_our_money ? reported->facts.captured_minor : 0,
    };
    reported->checkout_url[0] = '\0';
}

/* --- Everything else ----------------------------------------------------------------------- */

/*
 * Adds the documented limit that the amount exceeds; the account's own limit may differ, but Stripe
 * does not tell it.
 */
static const struct problem *with_limit(struct ctx *ctx, const struct problem *problem,
                                        struct money amount)
{
    int64_t minimum = stripe_minimum_minor(amount.currency);
    int64_t maximum = stripe_maximum_minor(amount.currency);
    struct problem *told = arena_alloc(ctx->arena, sizeof(*told));

    *told = *problem;
    if (amount.minor < minimum)
        problem_add_number(told, "minimumMinor", minimum);
    if (maximum > 0 && amount.minor > maximum)
        problem_add_number(told, "maximumMinor", maximum);
    return told;
}

/* Omits their message: it may hold part of a key or personal data. The request id leads to it. */
static const char *cause_of(struct ctx *ctx, const struct provider_reply *reply,
                            const json_t *error)
{
    if (reply->error[0] != '\0')
        return reply->error;
    return arena_printf(ctx->arena, "HTTP %d type=%s code=%s decline=%s param=%s request=%s",
                        reply->http_status, document_text(error, "type"),
                        document_text(error, "code"), document_text(error, "decline_code"),
                        document_text(error, "param"), reply->request_id);
}

/* What the caller of a checkout can correct, by Stripe's parameter or by the error code. */
static const struct {
    const char *code, *param, *pointer;
} correctable[] = {
    { "email_invalid", NULL, "#/customerEmail" },
    { NULL, "customer_email", "#/customerEmail" },
    { NULL, "success_url", "#/returnUrl" },
    { NULL, "cancel_url", "#/cancelUrl" },
};

static struct problem *for_the_caller(struct ctx *ctx, const json_t *error,
                                      struct problem *otherwise)
{
    for (size_t i = 0; i < sizeof(correctable) / sizeof(correctable[0]); i++)
        if ((correctable[i].code != NULL && document_is(error, "code", correctable[i].code))
            || (correctable[i].param != NULL && document_is(error, "param", correctable[i].param)))
            return reply_correctable(ctx, correctable[i].pointer);
    return otherwise;
}

void stripe_read_error(struct ctx *ctx, const struct provider_request *request,
                       const struct provider_reply *reply, const json_t *document,
                       struct provider_outcome *outcome_out)
{
    const json_t *error = json_object_get(document, "error");
    const struct reply_rule *rule = reply_rule_for(rules, reply, request->operation,
                                                   document_text(error, "type"),
                                                   document_text(error, "code"));
    struct problem *problem = reply_problem_of(ctx, rule, reply);

    if (rule->problem == PROBLEM_PROVIDER_REJECTED_REQUEST && request->operation == OP_CHECKOUT)
        problem = for_the_caller(ctx, error, problem);
    outcome_out->verdict = rule->verdict;
    outcome_out->problem =
        problem_because(ctx->arena, problem, "%s", cause_of(ctx, reply, error));
    if (rule->verdict != VERDICT_REFUSED || request->operation != OP_CHECKOUT)
        return;                                 /* a failed look-up is not a failed payment */
    stripe_read_failure(error, outcome_out->failure_code, outcome_out->failure_reason);
    if (rule->problem == PROBLEM_PAYMENT_FAILED)
        problem->failure_code = arena_strdup(ctx->arena, outcome_out->failure_code);
}
