/* The table of Stripe's operations; carries out a request, once for each idempotency key. */
#include "stripe_api.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/faults/fault_effects.h"
#include "sandbox/kit/alloc.h"
#include "stripe_auth.h"
#include "stripe_balance.h"
#include "stripe_call.h"
#include "stripe_disputes.h"
#include "stripe_events.h"
#include "stripe_expand.h"
#include "stripe_intents.h"
#include "stripe_params.h"
#include "stripe_payments.h"
#include "stripe_refunds.h"
#include "stripe_sessions.h"
#include "stripe_spoil.h"

static void retrieve_balance(struct stripe_call *call);

static const struct route {
    const char               *method, *path;
    const struct param_table *params;
    void                    (*run)(struct stripe_call *call);
} routes[] = {
    { "POST", "/v1/checkout/sessions", &stripe_session_create_params, stripe_sessions_create },
    { "GET", "/v1/checkout/sessions", &stripe_session_list_params, stripe_sessions_list },
    { "GET", "/v1/checkout/sessions/:id", &stripe_expand_params, stripe_sessions_retrieve },
    { "POST", "/v1/checkout/sessions/:id/expire", &stripe_expand_params, stripe_sessions_expire },
    { "GET", "/v1/payment_intents/:id", &stripe_intent_retrieve_params, stripe_intents_retrieve },
    { "POST", "/v1/payment_intents/:id/cancel", &stripe_intent_cancel_params,
      stripe_intents_cancel },
    { "POST", "/v1/refunds", &stripe_refund_create_params, stripe_refunds_create },
    { "GET", "/v1/refunds", &stripe_refund_list_params, stripe_refunds_list },
    { "GET", "/v1/refunds/:id", &stripe_expand_params, stripe_refunds_retrieve },
    { "POST", "/v1/refunds/:id/cancel", &stripe_expand_params, stripe_refunds_cancel },
    { "GET", "/v1/charges", &stripe_charge_list_params, stripe_charges_list },
    { "GET", "/v1/charges/:id", &stripe_expand_params, stripe_charges_retrieve },
    { "GET", "/v1/disputes", &stripe_dispute_list_params, stripe_disputes_list },
    { "GET", "/v1/disputes/:id", &stripe_expand_params, stripe_disputes_retrieve },
    { "POST", "/v1/disputes/:id", &stripe_dispute_update_params, stripe_disputes_update },
    { "POST", "/v1/disputes/:id/close", &stripe_expand_params, stripe_disputes_close },
    { "GET", "/v1/balance_transactions", &stripe_balance_list_params, stripe_balance_list },
    { "GET", "/v1/balance_transactions/:id", &stripe_expand_params, stripe_balance_retrieve },
    { "GET", "/v1/events", &stripe_event_list_params, stripe_events_list },
    { "GET", "/v1/events/:id", &stripe_expand_params, stripe_events_retrieve },
    { "GET", "/v1/balance", &stripe_expand_params, retrieve_balance },
};

static void retrieve_balance(struct stripe_call *call)
{
    stripe_answer(call, json_pack("{s:s, s:[{s:i, s:s}], s:b, s:[{s:i, s:s}]}",
                                  "object", "balance", "available", "amount", 0, "currency", "usd",
                                  "livemode", 0, "pending", "amount", 0, "currency", "usd"));
}

/* Errors before the execution (key, rate limit, overload): not stored under an idempotency key. */
static bool is_refused_at_the_door(struct stripe_call *call)
{
    const struct fault_plan *plan = &call->exchange->plan;

    if (plan->action != FAULT_STATUS || plan->after_work || plan->status == 402 ||
        (plan->status >= 500 && plan->status != 503))
        return false;
    fault_delay_before(call->stripe->clock, call->exchange);
    stripe_error_injected(call->exchange);
    return true;
}

static const struct route *find_route(struct stripe_call *call)
{
    const struct http_request *request = &call->exchange->request;

    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (strcmp(routes[i].method, request->method) == 0 &&
            http_path_matches(routes[i].path, request->path, call->id, sizeof call->id))
            return &routes[i];
    stripe_fail(call, 404, NULL, NULL, "Unrecognized request URL (%s: %.200s).", request->method,
                request->path);
    return NULL;
}

static bool check_expansions(struct stripe_call *call)
{
    for (size_t i = 0; i < call->form->count; i++) {
        const struct url_form_field *field = &call->form->fields[i];

        if (strcmp(field->pattern, "expand[]") == 0 && !stripe_expand_is_known(field->value)) {
            stripe_reject(call, NULL, "expand", "This property cannot be expanded (%.100s).",
                          field->value);
            return false;
        }
    }
    return true;
}

/* Reads the parameters: from the query of a GET, else from the body. */
static bool read_form(struct stripe_call *call, const struct route *route, struct url_form *form)
{
    const struct http_request *request = &call->exchange->request;
    bool               is_get = strcmp(request->method, "GET") == 0;
    const char        *bytes = is_get ? request->query : request->body;
    size_t             count = is_get ? strlen(request->query) : request->body_bytes;
    const char        *why;
    struct param_error error;

    if (!url_form_parse(bytes, count, form, &why)) {
        stripe_reject(call, NULL, NULL, "%s", why);
        return false;
    }
    if (!params_check(route->params, form, call->version, &error)) {
        stripe_reject(call, error.code, error.param, "%s", error.message);
        return false;
    }
    return check_expansions(call);
}

void stripe_settle_due(struct stripe *stripe)
{
    stripe_expire_due(stripe);
    stripe_refunds_settle_due(stripe);
    stripe_balance_settle_due(stripe);
}

static void write_answer(struct stripe_call *call)
{
    if (call->answer == NULL)
        return;
    for (size_t i = 0; i < call->form->count; i++)
        if (strcmp(call->form->fields[i].pattern, "expand[]") == 0)
            stripe_expand(call->stripe, call->answer, call->form->fields[i].value);
    http_answer_json(&call->exchange->response, 200, call->answer);
}

static void run(struct stripe_call *call, const struct route *route, const char *key)
{
    struct stripe *stripe = call->stripe;

    stripe_settle_due(stripe);
    stripe->cause = (struct stripe_cause) { call->request_id, key };
    route->run(call);
    write_answer(call);
    stripe->cause = (struct stripe_cause) { 0 };
    stripe_spoil_answer(call->exchange);
}

static bool is_stored(const struct stripe_call *call)
{
    int status = call->exchange->response.status;

    return !call->is_rejected && status != 401 && status != 403 && status != 409 && status != 429;
}

/* Stores the answer under the key, or frees the key. */
static void settle_key(struct stripe_call *call, const char *key)
{
    const struct http_response *response = &call->exchange->response;

    if (is_stored(call))
        idempotency_keys_store(call->stripe->idempotency, key, response->status, response->body,
                               call->request_id);
    else
        idempotency_keys_forget(call->stripe->idempotency, key);
}

/*
 * Runs the operation, unless an error is planned instead of the work. The work and its key change
 * together: a state file written meanwhile has both or neither.
 */
static void carry_out(struct stripe_call *call, const struct route *route, const char *key)
{
    struct fault_plan *plan = &call->exchange->plan;
    bool               is_error = plan->action == FAULT_STATUS;

    fault_delay_before(call->stripe->clock, call->exchange);
    stripe_lock(call->stripe);
    if (!is_error || plan->after_work)
        run(call, route, key);
    if (is_error)
        stripe_error_injected(call->exchange);
    if (key != NULL)
        settle_key(call, key);
    stripe_unlock(call->stripe);
}

/* The form is sorted, so the same parameters in another order are the same request. */
static void take_fingerprint(const struct stripe_call *call,
                             unsigned char fingerprint[IDEMPOTENCY_FINGERPRINT_BYTES])
{
    struct strbuf text = { 0 };

    strbuf_addf(&text, "%s %s\n", call->exchange->request.method, call->exchange->request.path);
    for (size_t i = 0; i < call->form->count; i++) {
        const struct url_form_field *field = &call->form->fields[i];

        strbuf_add_bytes(&text, field->path, strlen(field->path) + 1);
        strbuf_add_bytes(&text, field->value, strlen(field->value) + 1);
    }
    if (EVP_Digest(text.bytes, text.length_bytes, fingerprint, NULL, EVP_sha256(), NULL) != 1)
        abort();                                        /* SHA-256 is always there */
    strbuf_free(&text);
}

static void replay(struct stripe_call *call, struct idempotency_answer *answer)
{
    http_answer(&call->exchange->response, answer->status, "application/json", answer->body);
    http_add_header(&call->exchange->response, "Idempotent-Replayed", "true");
    http_add_header(&call->exchange->response, "Original-Request", answer->request_id);
}

static void execute_once(struct stripe_call *call, const struct route *route, const char *key)
{
    struct idempotency_keys       *store = call->stripe->idempotency;
    struct http_response     *response = &call->exchange->response;
    struct idempotency_answer answer;
    unsigned char             fingerprint[IDEMPOTENCY_FINGERPRINT_BYTES];

    take_fingerprint(call, fingerprint);
    switch (idempotency_keys_begin(store, key, fingerprint,
                                   sandbox_clock_now_s(call->stripe->clock), &answer)) {
    case IDEMPOTENCY_EXECUTE:
        carry_out(call, route, key);
        break;
    case IDEMPOTENCY_REPLAY:
        replay(call, &answer);
        break;
    case IDEMPOTENCY_MISMATCH:
        stripe_error_answer(response, 400, "idempotency_error", NULL, NULL,
            "Keys for idempotent requests can only be used with the same endpoint and parameters "
            "they were first used with. Try using a key other than '%s' if you meant to execute a "
            "different request.", key);
        break;
    case IDEMPOTENCY_IN_USE:
        stripe_error_answer(response, 409, "idempotency_error", "idempotency_key_in_use", NULL,
            "There is currently another in-progress request using this Idempotent Key: %s.", key);
        break;
    }
}

static bool is_key(const char *key)
{
    size_t length = strlen(key);

    for (size_t i = 0; i < length; i++)
        if (key[i] < ' ' || key[i] > '~')
            return false;
    return length <= IDEMPOTENCY_KEY_BYTES_MAX;
}

static void execute(struct stripe_call *call, const struct route *route)
{
    const char *key = call->exchange->request.idempotency_key;

    if (strcmp(call->exchange->request.method, "POST") != 0 || key == NULL || key[0] == '\0')
        carry_out(call, route, NULL);
    else if (!is_key(key))
        stripe_reject(call, NULL, NULL, "Idempotency keys are printable ASCII, at most %d "
                      "characters long.", IDEMPOTENCY_KEY_BYTES_MAX);
    else
        execute_once(call, route, key);
}

static void add_headers(struct stripe_call *call)
{
    struct http_response *response = &call->exchange->response;
    const char           *key = call->exchange->request.idempotency_key;

    http_add_header(response, "Request-Id", call->request_id);
    http_add_header(response, "Stripe-Version", call->version);
    http_add_header(response, "Cache-Control", "no-cache, no-store");
    if (key != NULL && is_key(key))
        http_add_header(response, "Idempotency-Key", key);
}

void stripe_api_handle(struct stripe *stripe, struct exchange *exchange)
{
    struct url_form         form = { 0 };
    struct stripe_call  call = { .stripe = stripe, .exchange = exchange, .form = &form,
                                 .version = STRIPE_API_VERSION };
    const struct route *route;

    random_id("req_", 14, call.request_id, sizeof call.request_id);
    if (!is_refused_at_the_door(&call) && stripe_auth_check(&call) &&
        (route = find_route(&call)) != NULL && read_form(&call, route, &form))
        execute(&call, route);
    http_expand_marks(&exchange->response);
    add_headers(&call);
    url_form_free(&form);
}
