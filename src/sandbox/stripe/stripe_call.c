/* Answers a call with an object or with one of Stripe's errors. */
#include "stripe_call.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/kit/alloc.h"

#define ERROR_MESSAGE_BYTES 700

void stripe_answer(struct stripe_call *call, json_t *object)
{
    assert(object != NULL && call->answer == NULL);
    call->answer = object;
}

/* --- Errors ---------------------------------------------------------------------------------- */

static const char invalid_request[] = "invalid_request_error";

static void answer(struct http_response *response, int status, const char *type, const char *code,
                   const char *param, const char *message)
{
    json_t *error = json_pack("{s:s, s:s*, s:s*, s:s}", "message", message, "code", code,
                              "param", param, "type", type);

    if (error == NULL)          /* the message quotes text that is not UTF-8 */
        error = json_pack("{s:s, s:s*, s:s}", "message", "Invalid request.", "code", code,
                          "type", type);
    http_answer_json(response, status, json_pack("{s:o}", "error", error));
}

__attribute__((format(printf, 6, 0)))
static void answer_formatted(struct http_response *response, int status, const char *type,
                             const char *code, const char *param, const char *format,
                             va_list args)
{
    char message[ERROR_MESSAGE_BYTES];

    vsnprintf(message, sizeof message, format, args);
    answer(response, status, type, code, param, message);
}

void stripe_reject(struct stripe_call *call, const char *code, const char *param,
                   const char *format, ...)
{
    va_list args;

    call->is_rejected = true;
    va_start(args, format);
    answer_formatted(&call->exchange->response, 400, invalid_request, code, param, format, args);
    va_end(args);
}

void stripe_fail(struct stripe_call *call, int status, const char *code, const char *param,
                 const char *format, ...)
{
    va_list args;

    va_start(args, format);
    answer_formatted(&call->exchange->response, status, invalid_request, code, param, format,
                     args);
    va_end(args);
}

void stripe_fail_missing(struct stripe_call *call, const char *what, const char *id,
                         const char *param)
{
    stripe_fail(call, 404, "resource_missing", param, "No such %s: '%s'", what, id);
}

void stripe_error_answer(struct http_response *response, int status, const char *type,
                         const char *code, const char *param, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    answer_formatted(response, status, type, code, param, format, args);
    va_end(args);
}

/* Stripe's own error object for each status, unless the fault sets another. */
static const struct { int status; const char *type, *code, *message; } defaults[] = {
    { 400, "invalid_request_error", NULL, "Invalid request (injected)." },
    { 401, "invalid_request_error", NULL, "Invalid API Key provided: sk_test_*** (injected)" },
    { 402, "card_error", "card_declined", "Your card was declined." },
    { 403, "invalid_request_error", NULL, "The provided key lacks a permission (injected)." },
    { 404, "invalid_request_error", "resource_missing", "No such object (injected)." },
    { 409, "invalid_request_error", "lock_timeout", "This object cannot be accessed right now "
      "because another API request is accessing it (injected)." },
    { 424, "api_error", NULL, "A dependency failed (injected)." },
    { 429, "invalid_request_error", "rate_limit", "Request rate limit exceeded (injected)." },
    { 500, "api_error", NULL, "An unknown error occurred (injected)." },
};

#define DEFAULT_COUNT (sizeof defaults / sizeof defaults[0])

static size_t default_for(int status)
{
    for (size_t i = 0; i < DEFAULT_COUNT; i++)
        if (defaults[i].status == status)
            return i;
    return status < 500 ? 0 : DEFAULT_COUNT - 1;
}

void stripe_error_injected(struct exchange *exchange)
{
    const struct fault_plan *plan = &exchange->plan;
    size_t                   row = default_for(plan->status);

    answer(&exchange->response, plan->status,
           plan->type[0] != '\0' ? plan->type : defaults[row].type,
           plan->code[0] != '\0' ? plan->code : defaults[row].code, NULL,
           plan->message[0] != '\0' ? plan->message : defaults[row].message);
    if (plan->status == 429 && plan->header_count == 0)
        http_add_header(&exchange->response, "Stripe-Rate-Limited-Reason", "global-rate");
    for (size_t i = 0; i < plan->header_count; i++)
        http_add_header(&exchange->response, plan->headers[i].name, plan->headers[i].value);
}
