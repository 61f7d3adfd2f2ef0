/*
 * Reads what a reply of Paystack means. HTTP 200 says only that the call worked; data.status says
 * what became of the payment, and data.reference names it. Every other reply is looked up in one
 * table; the first row that matches counts. Without a match the verdict is UNKNOWN: a payment that
 * may have been made must never be called failed.
 */
#include <stdio.h>
#include <strings.h>

#include "infrastructure/providers/paystack/paystack_currency.h"
#include "infrastructure/providers/paystack/paystack_documents.h"
#include "infrastructure/providers/paystack/paystack_parts.h"
#include "infrastructure/providers/shared/replies.h"

static const char unanswered[] =
    "The provider did not answer in time. The outcome is being determined; ask again later.";
static const char busy[] = "The provider is busy. The request is repeated later.";
static const char refused[] = "The provider refused the payment. The order can be paid anew.";
static const char not_understood[] =
    "The provider did not accept our request. Nothing was charged.";
static const char not_refundable[] =
    "The provider cannot refund the payment in its present state, or not that much of it.";
static const char bad_key[] =
    "The provider refused our credentials. The request is repeated later.";

/* Source: docs/facts.md section 6. Codes: error_code(). */
static const struct reply_rule rules[] = {
    /* No connection, name or TLS: Paystack saw no request. */
    { REPLY_NOT_SENT, REPLY_NOT_SENT, OP_ANY, NULL, NULL, VERDICT_NOT_EXECUTED,
      PROBLEM_PROVIDER_UNAVAILABLE,
      "The provider could not be reached. The request is repeated later." },
    /* Sent, but no complete answer: time-out, reset, cut, too large. It may have taken effect. */
    { REPLY_LOST, REPLY_LOST, OP_ANY, NULL, NULL, VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT,
      unanswered },
    /* Does not name our object, or says that the call did not work: a look-up finds out. */
    { 200, 299, OP_ANY, NULL, NULL, VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT, unanswered },

    /* An earlier request of ours arrived: the object exists, and a look-up shows its state. */
    { 400, 400, OP_CHECKOUT, ANY_ERROR, "duplicate_reference", VERDICT_UNKNOWN,
      PROBLEM_PROVIDER_TIMEOUT, unanswered },
    { 400, 400, OP_ANY, ANY_ERROR, "duplicate_reference", VERDICT_REFUSED,
      PROBLEM_INVALID_PAYMENT_STATE, not_refundable },
    { 400, 400, OP_CHECKOUT, ANY_ERROR, "unsupported_currency", VERDICT_REFUSED,
      PROBLEM_INVALID_AMOUNT, "The provider does not take this currency from this account." },
    { 400, 400, OP_CHECKOUT, ANY_ERROR, "invalid_amount", VERDICT_REFUSED, PROBLEM_INVALID_AMOUNT,
      "The provider does not take this amount in this currency." },
    /* Their fault, whatever the status says. */
    { 400, 499, OP_ANY, "api_error", NULL, VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT, unanswered },
    /* The issuer or the bank said no. */
    { 400, 400, OP_CHECKOUT, "processor_error", NULL, VERDICT_REFUSED, PROBLEM_PAYMENT_FAILED,
      refused },
    /*
     * A missing member is our mistake. Otherwise less is left, or it is fully reversed: list its
     * refunds.
     */
    { 400, 400, OP_REFUND, ANY_ERROR, "missing_params", VERDICT_REFUSED,
      PROBLEM_PROVIDER_REJECTED_REQUEST, not_understood },
    { 400, 400, OP_REFUND, ANY_ERROR, "transaction_not_found", VERDICT_REFUSED,
      PROBLEM_PROVIDER_REJECTED_REQUEST, not_understood },
    { 400, 400, OP_REFUND, ANY_ERROR, NULL, VERDICT_REFUSED, PROBLEM_INVALID_PAYMENT_STATE,
      not_refundable },
    /*
     * Validation failed or the id is unknown: Paystack itself says so, so nothing was made.
     */
    { 400, 400, OP_ANY, ANY_ERROR, NULL, VERDICT_REFUSED, PROBLEM_PROVIDER_REJECTED_REQUEST,
      not_understood },
    { 404, 404, OP_ANY, ANY_ERROR, NULL, VERDICT_REFUSED, PROBLEM_PROVIDER_REJECTED_REQUEST,
      not_understood },

    /*
     * Wrong key, or an address not on the account's list: checked before anything is carried out.
     */
    { 401, 401, OP_ANY, NULL, NULL, VERDICT_MISCONFIGURED, PROBLEM_PROVIDER_MISCONFIGURED,
      bad_key },
    { 403, 403, OP_ANY, NULL, NULL, VERDICT_MISCONFIGURED, PROBLEM_PROVIDER_MISCONFIGURED,
      bad_key },
    /* From the limiter. Even if that is wrong, a look-up comes before the next attempt. */
    { 429, 429, OP_ANY, NULL, NULL, VERDICT_NOT_EXECUTED, PROBLEM_PROVIDER_BUSY, busy },
    { 500, 599, OP_ANY, NULL, NULL, VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT, unanswered },
    /* A redirect, an error page from an intermediary, an unforeseen status. */
    { REPLY_OTHERWISE, 0, OP_ANY, NULL, NULL, VERDICT_UNKNOWN, PROBLEM_PROVIDER_TIMEOUT,
      unanswered },
};

/* How far data.status says the payment got (docs/facts.md section 7). */
static const struct state {
    const char           *status;
    bool                  captured;     /* money came; "reversed": it went back, see its refunds */
    bool                  idle;         /* nobody is paying now: the page may be given up */
    enum payment_progress progress;
} states[] = {
    { "success",    true,  false, PROGRESS_NONE },
    { "reversed",   true,  false, PROGRESS_NONE },
    { "failed",     false, true,  PROGRESS_FAILED },    /* the payer may try again on the page */
    { "abandoned",  false, true,  PROGRESS_OPENED },    /* also right after initialize */
    { "ongoing",    false, false, PROGRESS_PROCESSING },
    { "pending",    false, false, PROGRESS_PROCESSING },
    { "processing", false, false, PROGRESS_PROCESSING },
    { "queued",     false, false, PROGRESS_PROCESSING },
};

static bool read_page(const json_t *data, const struct provider *provider,
                      const struct payment *payment, struct provider_payment *out);
static bool is_absence(const struct provider_request *request, const struct provider_reply *reply,
                       const json_t *document);
static void read_absence(const struct provider_request *request, const struct payment *payment,
                         const struct provider *provider, struct provider_outcome *outcome_out);

static bool read_success(const json_t *document, const struct provider *provider,
                         const struct payment *payment, enum provider_operation operation,
                         struct provider_payment *out)
{
    const json_t *data = json_object_get(document, "data");
    char ours[PAYSTACK_REFERENCE_MAX];

    paystack_reference(payment->id, ours);
    if (!paystack_worked(document) || !document_is(data, "reference", ours))
        return false;
    out->payment_id = payment->id;
    document_copy(out->ref, sizeof(out->ref), ours);
    if (operation == OP_CHECKOUT)
        return read_page(data, provider, payment, out);
    return paystack_read_transaction(data, provider, payment, operation, out);
}

void paystack_read_reply(struct ctx *ctx, const struct provider *provider,
                         const struct payment *payment, const struct provider_request *request,
                         const struct provider_reply *reply, struct provider_outcome *outcome_out)
{
    const json_t *document = NULL;
    struct provider_payment reported = { .amount_minor = 0 };

    *outcome_out = (struct provider_outcome) { .verdict = VERDICT_UNKNOWN };
    if (reply->complete)
        document = paystack_document_parse(ctx->arena, reply->body);
    if (reply->http_status / 100 == 2 &&
        read_success(document, provider, payment, request->operation, &reported)) {
        outcome_out->verdict = VERDICT_DONE;
        outcome_out->payment = reported;
    } else if (is_absence(request, reply, document)) {
        read_absence(request, payment, provider, outcome_out);
    } else {
        paystack_read_error(ctx, request, reply, document, outcome_out);
    }
}

/* --- A page -------------------------------------------------------------------------------- */

/*
 * Paystack's documents give no time for a state. All of them get the payment's own time, so that
 * the one that got furthest counts.
 */
static void set_progress(const struct payment *payment, enum payment_progress progress,
                         struct payment_snapshot *snapshot_out)
{
    snapshot_out->progress = progress;
    snapshot_out->at_s = payment->created_at_ms / 1000;
}

static bool read_page(const json_t *data, const struct provider *provider,
                      const struct payment *payment, struct provider_payment *out)
{
    document_copy_page(out->checkout_url, URL_MAX, document_text(data, "authorization_url"));
    out->livemode = provider->livemode;                 /* the answer does not say; our key does */
    set_progress(payment, PROGRESS_OPENED, &out->facts.snapshot);
    return out->checkout_url[0] != '\0';
}

/* --- A transaction ------------------------------------------------------------------------- */

static const struct state *state_of(const json_t *data)
{
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
        if (document_is(data, "status", states[i].status))
            return &states[i];
    return NULL;
}

/* Declines that a payer, who may be a thief, must not learn of. Source: as Stripe's secret ones. */
static bool is_secret(const char *response)
{
    static const char *const words[] = { "lost", "stolen", "fraud", "pick up", "pickup" };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (const char *at = response; *at != '\0'; at++)
            if (strncasecmp(at, words[i], strlen(words[i])) == 0)
                return true;
    return false;
}

static void set_failure(const json_t *data, struct payment_snapshot *snapshot)
{
    const char *response = document_text(data, "gateway_response");

    snprintf(snapshot->failure_code, sizeof(snapshot->failure_code), "card_declined");
    if (response[0] == '\0' || is_secret(response))
        response = "The payment was declined.";
    document_copy_start(snapshot->failure_reason, sizeof(snapshot->failure_reason), response);
}

/* No payer ever got that page: its address was lost with the answer that named it. */
static void give_up_page(struct payment_facts *facts)
{
    facts->closed = PAYMENT_CLOSED_FAILED;
    facts->snapshot.progress = PROGRESS_FAILED;
    snprintf(facts->snapshot.failure_code, sizeof(facts->snapshot.failure_code), "page_lost");
    snprintf(facts->snapshot.failure_reason, sizeof(facts->snapshot.failure_reason),
             "The payment page could not be opened.");
}

/* We decide that an idle page has ended, and only where that was asked for. */
static void set_facts(const struct state *state, const json_t *data, const struct payment *payment,
                      enum provider_operation operation, struct payment_facts *facts)
{
    if (state->captured) {
        facts->captured_minor = payment->amount.minor;
        return;
    }
    set_progress(payment, state->progress, &facts->snapshot);
    if (state->progress == PROGRESS_FAILED)
        set_failure(data, &facts->snapshot);
    if (state->idle && operation == OP_EXPIRE)
        facts->closed = PAYMENT_CLOSED_EXPIRED;
    else if (state->idle && operation == OP_FIND && payment->checkout_url[0] == '\0')
        give_up_page(facts);
}

/* The amount may exceed ours only by fees that the payer bears; ours is then the one asked for. */
static bool is_our_amount(const json_t *data, const struct payment *payment)
{
    int64_t ours, amount, requested, fees;

    if (!paystack_amount_from_money(payment->amount, &ours) ||
        !paystack_amount(data, "amount", &amount))
        return false;
    if (amount == ours)
        return true;
    return amount > ours && paystack_amount(data, "requested_amount", &requested) &&
           requested == ours && paystack_amount(data, "fees", &fees) && amount - ours <= fees;
}

/* What came, in our minor units; 0: it is not a whole number of them and cannot be booked. */
static int64_t other_amount(const json_t *data, const struct payment *payment)
{
    int64_t hundredths, minor;

    return paystack_amount(data, "amount", &hundredths) &&
                   paystack_amount_to_minor(hundredths, payment->amount.currency, &minor)
               ? minor : 0;
}

/*
 * Another amount, currency or mode than ours: a human must look. Money in our currency and mode is
 * a capture all the same.
 */
static void compare(const json_t *data, const struct provider *provider,
                    const struct payment *payment, struct provider_payment *out)
{
    const bool is_our_money = document_is(data, "currency", payment->amount.currency) &&
                              out->livemode == provider->livemode;

    if (is_our_money && is_our_amount(data, payment))
        return;
    out->facts = (struct payment_facts) {
        .mismatch = true,
        .closed = out->facts.closed,
        .captured_minor = is_our_money && out->facts.captured_minor > 0
                              ? other_amount(data, payment) : 0,
    };
}

bool paystack_read_transaction(const json_t *data, const struct provider *provider,
                               const struct payment *payment, enum provider_operation operation,
                               struct provider_payment *out)
{
    const struct state *state = state_of(data);
    int64_t amount;

    paystack_copy_id(data, "id", out->intent);
    if (state == NULL || out->intent[0] == '\0' || !paystack_livemode(data, &out->livemode) ||
        !paystack_amount(data, "amount", &amount) || document_text(data, "currency")[0] == '\0')
        return false;
    set_facts(state, data, payment, operation, &out->facts);
    out->went_back = document_is(data, "status", "reversed");
    out->captured_at_s = paystack_time_s(data, (const char *const[]) { "paid_at", "paidAt", NULL });
    compare(data, provider, payment, out);
    return true;
}

/* --- No transaction ------------------------------------------------------------------------ */

/*
 * The code, or what the message says where the code is missing or says less. Source: docs/facts.md
 * section 6; some of their messages end with a full stop, some do not.
 */
static const char *error_code(const json_t *document)
{
    static const struct { const char *begins, *code; } messages[] = {
        { "Duplicate Transaction Reference", "duplicate_reference" },
        { "Transaction reference not found", "transaction_not_found" },
        { "Transaction not found", "transaction_not_found" },
        { "Currency not supported by merchant", "unsupported_currency" },
        { "Invalid Email", "invalid_email_address" },
        { "Invalid Amount", "invalid_amount" },
        { "Invalid Callback", "invalid_callback_url" },
    };
    const char *message = document_text(document, "message");

    for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
        if (strncasecmp(message, messages[i].begins, strlen(messages[i].begins)) == 0)
            return messages[i].code;
    return document_text(document, "code");
}

/* Only Paystack's own reply to a look-up by reference proves that there is nothing. */
static bool is_absence(const struct provider_request *request, const struct provider_reply *reply,
                       const json_t *document)
{
    if (strcmp(request->method, "GET") != 0 || !paystack_did_not_work(document))
        return false;
    return (reply->http_status == 404 || reply->http_status == 400) &&
           strcmp(error_code(document), "transaction_not_found") == 0;
}

/* Nothing can come from a page that was never made: if we asked to close it, it is closed. */
static void read_absence(const struct provider_request *request, const struct payment *payment,
                         const struct provider *provider, struct provider_outcome *outcome_out)
{
    outcome_out->verdict = VERDICT_DONE;
    outcome_out->payment.payment_id = payment->id;
    outcome_out->payment.livemode = provider->livemode;
    if (request->operation == OP_EXPIRE)
        outcome_out->payment.facts.closed = PAYMENT_CLOSED_EXPIRED;
    outcome_out->absent = request->operation == OP_FIND;
    outcome_out->find_after = "";
}

/* --- Everything else ----------------------------------------------------------------------- */

/* An error in their envelope has a type, named or not. */
static const char *error_type(const json_t *document)
{
    const char *type = document_text(document, "type");

    if (!paystack_did_not_work(document))
        return "";
    return type[0] != '\0' ? type : "unnamed";
}

/* Omits their message: it may hold personal data. Only our trace id leads to it. */
static const char *cause_of(struct ctx *ctx, const struct provider_reply *reply,
                            const json_t *document)
{
    if (reply->error[0] != '\0')
        return reply->error;
    return arena_printf(ctx->arena, "HTTP %d type=%s code=%s", reply->http_status,
                        error_type(document), error_code(document));
}

/* What the caller of a checkout can correct. */
static struct problem *for_the_caller(struct ctx *ctx, const char *code, struct problem *otherwise)
{
    if (strcmp(code, "invalid_email_address") == 0)
        return reply_correctable(ctx, "#/customerEmail");
    if (strcmp(code, "invalid_callback_url") == 0)
        return reply_correctable(ctx, "#/returnUrl");
    return otherwise;
}

void paystack_read_error(struct ctx *ctx, const struct provider_request *request,
                         const struct provider_reply *reply, const json_t *document,
                         struct provider_outcome *outcome_out)
{
    const char *code = error_code(document);
    const struct reply_rule *rule = reply_rule_for(rules, reply, request->operation,
                                                   error_type(document), code);
    struct problem *problem = reply_problem_of(ctx, rule, reply);

    if (rule->problem == PROBLEM_PROVIDER_REJECTED_REQUEST && request->operation == OP_CHECKOUT)
        problem = for_the_caller(ctx, code, problem);
    outcome_out->verdict = rule->verdict;
    outcome_out->problem =
        problem_because(ctx->arena, problem, "%s", cause_of(ctx, reply, document));
    if (rule->verdict != VERDICT_REFUSED)
        return;
    document_copy_start(outcome_out->failure_code, sizeof(outcome_out->failure_code),
                        code[0] != '\0' ? code : "payment_failed");
    snprintf(outcome_out->failure_reason, sizeof(outcome_out->failure_reason),
             "The payment did not go through.");
    if (rule->problem == PROBLEM_PAYMENT_FAILED)
        problem->failure_code = arena_strdup(ctx->arena, outcome_out->failure_code);
}
