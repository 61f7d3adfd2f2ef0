/* The table of Paystack's operations, and how a request is carried out. */
#include "paystack_api.h"

#include <stdlib.h>
#include <string.h>

#include "paystack_call.h"
#include "paystack_dispute_calls.h"
#include "paystack_disputes.h"
#include "paystack_refunds.h"
#include "paystack_spoil.h"
#include "paystack_transactions.h"
#include "sandbox/faults/fault_effects.h"

#define PATH_ID_BYTES 400       /* percent-encoded */

static void retrieve_balance(struct paystack_call *call);

/* The first row that matches wins, so fixed words stand before ids. */
static const struct route {
    const char *method, *path;
    void      (*run)(struct paystack_call *call);
} routes[] = {
    { "POST", "/transaction/initialize", paystack_transactions_initialize },
    { "GET", "/transaction/verify/:id", paystack_transactions_verify },
    { "GET", "/transaction/:id", paystack_transactions_fetch },
    { "GET", "/transaction", paystack_transactions_list },
    { "POST", "/refund/retry_with_customer_details/:id", paystack_refunds_retry },
    { "GET", "/refund/:id", paystack_refunds_fetch },
    { "POST", "/refund", paystack_refunds_create },
    { "GET", "/refund", paystack_refunds_list },
    { "GET", "/dispute/transaction/:id", paystack_disputes_of_transaction },
    { "GET", "/dispute/:id/upload_url", paystack_disputes_upload_url },
    { "POST", "/dispute/:id/evidence", paystack_disputes_add_evidence },
    { "PUT", "/dispute/:id/resolve", paystack_disputes_resolve },
    { "PUT", "/dispute/:id", paystack_disputes_update },
    { "GET", "/dispute/:id", paystack_disputes_fetch },
    { "GET", "/dispute", paystack_disputes_list },
    { "GET", "/balance", retrieve_balance },
};

#define ROUTE_COUNT (sizeof routes / sizeof routes[0])

static void retrieve_balance(struct paystack_call *call)
{
    paystack_answer(call, "Balances retrieved",
                    json_pack("[{s:s, s:i}]", "currency", "NGN", "balance", 0));
}

const char *paystack_api_operation(const char *path)
{
    char id[PATH_ID_BYTES];

    for (size_t i = 0; i < ROUTE_COUNT; i++)
        if (http_path_matches(routes[i].path, path, id, sizeof id))
            return routes[i].path;
    return NULL;
}

static bool check_key(struct paystack_call *call)
{
    const char *bearer = http_credentials(call->exchange->request.authorization, "Bearer");
    const char *key = call->paystack->secret_key;

    if (bearer == NULL)
        paystack_refuse(call, 401, "No Authorization Header was found");
    else if (key[0] == '\0' || strcmp(bearer, key) != 0)
        paystack_refuse(call, 401, "Invalid key");
    else
        return true;
    return false;
}

static const struct route *find_route(struct paystack_call *call)
{
    const struct http_request *request = &call->exchange->request;
    char                       id[PATH_ID_BYTES];

    for (size_t i = 0; i < ROUTE_COUNT; i++) {
        if (strcmp(routes[i].method, request->method) != 0 ||
            !http_path_matches(routes[i].path, request->path, id, sizeof id))
            continue;
        call->id = url_form_percent_decode(id, strlen(id));
        if (call->id != NULL)
            return &routes[i];
    }
    paystack_refuse(call, 404, "Not found");
    return NULL;
}

/* Ignores unknown parameters and members, as Paystack does. */
static bool read_input(struct paystack_call *call)
{
    const struct http_request *request = &call->exchange->request;
    const char                *why;

    if (!url_form_parse(request->query, strlen(request->query), &call->query, &why)) {
        paystack_reject(call, "invalid_params", "%s", why);
        return false;
    }
    call->body = request->body_bytes == 0
                     ? json_object()
                     : json_loadb(request->body, request->body_bytes, 0, NULL);
    if (!json_is_object(call->body))
        paystack_reject(call, "invalid_params", "The request body is not valid JSON");
    return json_is_object(call->body);
}

void paystack_settle_due(struct paystack *paystack)
{
    paystack_disputes_settle_due(paystack);
    paystack_refunds_settle_due(paystack);
}

/* Runs the operation under the lock, unless an error is planned instead of the work. */
static void carry_out(struct paystack_call *call, const struct route *route)
{
    struct fault_plan *plan = &call->exchange->plan;

    fault_delay_before(call->paystack->clock, call->exchange);
    if (plan->action == FAULT_STATUS && !plan->after_work) {
        paystack_error_injected(call);
        return;
    }
    paystack_lock(call->paystack);
    paystack_settle_due(call->paystack);
    route->run(call);
    paystack_unlock(call->paystack);
    if (plan->action == FAULT_STATUS)
        paystack_error_injected(call);
    paystack_spoil_answer(call->exchange);
}

void paystack_api_answer_nowhere(struct paystack *paystack, struct exchange *exchange)
{
    struct paystack_call call = { .paystack = paystack, .exchange = exchange };

    paystack_refuse(&call, 404, "Not found");
}

void paystack_api_handle(struct paystack *paystack, struct exchange *exchange)
{
    struct paystack_call call = { .paystack = paystack, .exchange = exchange };
    const struct route  *route;

    if (check_key(&call) && (route = find_route(&call)) != NULL && read_input(&call))
        carry_out(&call, route);
    http_expand_marks(&exchange->response);
    json_decref(call.body);
    url_form_free(&call.query);
    free(call.id);
}
