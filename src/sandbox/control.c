#include "control.h"

#include "control_call.h"
#include "form.h"
#include "ledger.h"
#include "params.h"
#include "paystack_control.h"
#include "paystack_disputes.h"
#include "stripe_control.h"
#include "stripe_payments.h"
#include "webhook_control.h"

#include <stdarg.h>
#include <string.h>

#define REQUESTS_LIMIT_DEFAULT 100
#define WHY_BYTES              200

void control_answer(struct control_call *call, json_t *object)
{
    http_answer_json(&call->exchange->response, 200, object);
}

void control_refuse(struct control_call *call, int status, const char *why)
{
    http_answer_json(&call->exchange->response, status, json_pack("{s:s}", "error", why));
}

bool control_unpack(struct control_call *call, const char *format, ...)
{
    json_error_t error;
    va_list      args;
    int          failed;

    va_start(args, format);
    failed = json_vunpack_ex(call->body, &error, 0, format, args);
    va_end(args);
    if (failed != 0)
        control_refuse(call, 400, error.text);
    return failed == 0;
}

static void get_health(struct control_call *call)
{
    control_answer(call, json_pack("{s:s, s:I}", "status", "ok", "now",
                                   (json_int_t) clock_now_s(call->world->clock)));
}

static void get_faults(struct control_call *call)
{
    control_answer(call, json_pack("{s:o}", "faults", faults_list(call->world->faults)));
}

static void add_fault(struct control_call *call)
{
    char why[WHY_BYTES];

    if (!faults_add(call->world->faults, call->body, why, sizeof why))
        control_refuse(call, 400, why);
    else
        get_faults(call);
}

/* Requests that hang because of a fault go on at once. */
static void clear_faults(struct control_call *call)
{
    faults_clear(call->world->faults);
    clock_wake_sleepers(call->world->clock);
    get_faults(call);
}

static void advance_clock(struct control_call *call)
{
    json_int_t advance_s;

    if (!control_unpack(call, "{s:I !}", "advance_s", &advance_s))
        return;
    clock_advance(call->world->clock, advance_s);
    stripe_lock(call->world->stripe);
    stripe_expire_due(call->world->stripe);
    stripe_unlock(call->world->stripe);
    paystack_lock(call->world->paystack);
    paystack_disputes_settle_due(call->world->paystack);
    paystack_unlock(call->world->paystack);
    get_health(call);
}

static void get_requests(struct control_call *call)
{
    struct form form = { 0 };
    const char *why, *limit;
    int64_t     count = REQUESTS_LIMIT_DEFAULT;

    if (!form_parse(call->exchange->request.query, strlen(call->exchange->request.query), &form,
                    &why)) {
        control_refuse(call, 400, why);
        return;
    }
    limit = form_find(&form, "limit");
    if (limit != NULL && (!params_read_integer(limit, &count) || count < 0))
        control_refuse(call, 400, "limit is a number.");
    else
        control_answer(call, json_pack("{s:o}", "requests",
                                       request_log_list(call->world->log, (size_t) count)));
    form_free(&form);
}

static void reset(struct control_call *call)
{
    clear_faults(call);
    webhooks_reset(call->world->stripe_webhooks);
    webhooks_reset(call->world->paystack_webhooks);
    stripe_reset(call->world->stripe);
    paystack_reset(call->world->paystack);
    clock_reset(call->world->clock);
    request_log_clear(call->world->log);
    control_answer(call, json_pack("{s:b}", "ok", 1));
}

static const struct {
    const char *method, *path;
    void      (*run)(struct control_call *call);
} routes[] = {
    { "GET", "/_sandbox/health", get_health },
    { "GET", "/_sandbox/ledger", ledger_get },
    { "GET", "/_sandbox/requests", get_requests },
    { "POST", "/_sandbox/reset", reset },
    { "POST", "/_sandbox/clock", advance_clock },
    { "POST", "/_sandbox/settings", stripe_control_settings },
    { "GET", "/_sandbox/faults", get_faults },
    { "POST", "/_sandbox/faults", add_fault },
    { "DELETE", "/_sandbox/faults", clear_faults },
    { "POST", "/_sandbox/webhooks/settings", webhook_control_configure },
    { "POST", "/_sandbox/webhooks/flush", webhook_control_flush },
    { "POST", "/_sandbox/webhooks/resend/:id", webhook_control_resend },
    { "POST", "/_sandbox/webhooks/send", webhook_control_send },
    { "GET", "/_sandbox/webhooks/deliveries", webhook_control_describe },
    { "POST", "/_sandbox/sessions/:id/pay", stripe_control_pay },
    { "POST", "/_sandbox/sessions/:id/decline", stripe_control_decline },
    { "POST", "/_sandbox/sessions/:id/require_action", stripe_control_require_action },
    { "POST", "/_sandbox/sessions/:id/authenticate", stripe_control_authenticate },
    { "POST", "/_sandbox/sessions/:id/fail_authentication", stripe_control_fail_authentication },
    { "POST", "/_sandbox/sessions/:id/expire", stripe_control_expire },
    { "POST", "/_sandbox/sessions/:id/async_pay", stripe_control_async_pay },
    { "POST", "/_sandbox/sessions/:id/async_succeed", stripe_control_async_succeed },
    { "POST", "/_sandbox/sessions/:id/async_fail", stripe_control_async_fail },
    { "POST", "/_sandbox/refunds/:id/succeed", stripe_control_refund_succeed },
    { "POST", "/_sandbox/refunds/:id/fail", stripe_control_refund_fail },
    { "POST", "/_sandbox/payment_intents/:id/refund", stripe_control_refund },
    { "POST", "/_sandbox/payment_intents/:id/dispute", stripe_control_dispute },
    { "POST", "/_sandbox/disputes/:id/review", stripe_control_dispute_review },
    { "POST", "/_sandbox/disputes/:id/escalate", stripe_control_dispute_escalate },
    { "POST", "/_sandbox/disputes/:id/close", stripe_control_dispute_close },
    { "POST", "/_sandbox/paystack/settings", paystack_control_settings },
    { "POST", "/_sandbox/paystack/transactions/:id/pay", paystack_control_pay },
    { "POST", "/_sandbox/paystack/transactions/:id/decline", paystack_control_decline },
    { "POST", "/_sandbox/paystack/transactions/:id/require_action",
      paystack_control_require_action },
    { "POST", "/_sandbox/paystack/transactions/:id/authenticate", paystack_control_authenticate },
    { "POST", "/_sandbox/paystack/transactions/:id/fail_authentication",
      paystack_control_fail_authentication },
    { "POST", "/_sandbox/paystack/transactions/:id/abandon", paystack_control_abandon },
    { "POST", "/_sandbox/paystack/transactions/:id/expire", paystack_control_expire },
    { "POST", "/_sandbox/paystack/transactions/:id/async_pay", paystack_control_async_pay },
    { "POST", "/_sandbox/paystack/transactions/:id/async_succeed", paystack_control_async_succeed },
    { "POST", "/_sandbox/paystack/transactions/:id/async_fail", paystack_control_async_fail },
    { "POST", "/_sandbox/paystack/transactions/:id/refund", paystack_control_refund },
    { "POST", "/_sandbox/paystack/transactions/:id/dispute", paystack_control_dispute },
    { "POST", "/_sandbox/paystack/disputes/:id/remind", paystack_control_dispute_remind },
    { "POST", "/_sandbox/paystack/disputes/:id/update", paystack_control_dispute_update },
    { "POST", "/_sandbox/paystack/disputes/:id/resolve", paystack_control_dispute_resolve },
    { "POST", "/_sandbox/paystack/refunds/:id/process", paystack_control_refund_process },
    { "POST", "/_sandbox/paystack/refunds/:id/succeed", paystack_control_refund_succeed },
    { "POST", "/_sandbox/paystack/refunds/:id/fail", paystack_control_refund_fail },
    { "POST", "/_sandbox/paystack/refunds/:id/need_attention",
      paystack_control_refund_need_attention },
};

static bool read_body(struct control_call *call)
{
    const struct http_request *request = &call->exchange->request;
    json_error_t               error;

    call->body = request->body_bytes == 0
                     ? json_object()
                     : json_loadb(request->body, request->body_bytes, JSON_REJECT_DUPLICATES,
                                  &error);
    if (json_is_object(call->body))
        return true;
    control_refuse(call, 400, call->body == NULL ? error.text : "The body must be an object.");
    return false;
}

void control_handle(struct world *world, struct exchange *exchange)
{
    struct control_call        call = { .world = world, .exchange = exchange };
    const struct http_request *request = &exchange->request;

    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (strcmp(routes[i].method, request->method) != 0 ||
            !http_path_matches(routes[i].path, request->path, call.id, sizeof call.id))
            continue;
        if (read_body(&call))
            routes[i].run(&call);
        json_decref(call.body);
        return;
    }
    control_refuse(&call, 404, "There is no such control operation.");
}
