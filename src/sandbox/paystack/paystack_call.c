/* Answers a call with data or with one of Paystack's errors. */
#include "paystack_call.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define ERROR_MESSAGE_BYTES 300

static void answer_data(struct paystack_call *call, int status, const char *message, json_t *data)
{
    assert(data != NULL);
    http_answer_json(&call->exchange->response, status,
                     json_pack("{s:b, s:s, s:o}", "status", 1, "message", message, "data", data));
}

void paystack_answer(struct paystack_call *call, const char *message, json_t *data)
{
    answer_data(call, 200, message, data);
}

void paystack_answer_created(struct paystack_call *call, const char *message, json_t *data)
{
    answer_data(call, call->paystack->settings.created_status, message, data);
}

/* --- Errors ---------------------------------------------------------------------------------- */

static const char validation_error[] = "validation_error";

/* The advice in Paystack's errors; the other errors add nothing to their message. */
static const struct { const char *code, *next_step; } next_steps[] = {
    { "duplicate_reference", "Generate a new reference and try again" },
    { "missing_params", "Provide all required params" },
    { "transaction_not_found", "Ensure that you're passing the reference of a transaction "
      "that exists on this integration" },
};

static const char *next_step_of(const char *code)
{
    for (size_t i = 0; i < sizeof next_steps / sizeof next_steps[0]; i++)
        if (strcmp(next_steps[i].code, code) == 0)
            return next_steps[i].next_step;
    return "Ensure that the values passed are valid";
}

static json_t *render_status(const struct paystack_settings *settings)
{
    return settings->says_status_as_text ? json_string("false") : json_false();
}

static void answer(struct paystack_call *call, int status, const char *type, const char *code,
                   const char *message)
{
    const struct paystack_settings *settings = &call->paystack->settings;
    json_t *error = json_pack("{s:o, s:s}", "status", render_status(settings),
                              "message", message);

    if (error == NULL)          /* the message quotes text that is not UTF-8 */
        error = json_pack("{s:b, s:s}", "status", 0, "message", "Invalid request.");
    if (type != NULL && !settings->says_only_message) {
        json_object_set_new(error, "meta", json_pack("{s:s}", "nextStep", next_step_of(code)));
        json_object_set_new(error, "type", json_string(type));
        json_object_set_new(error, "code", json_string(code));
    }
    http_answer_json(&call->exchange->response, status, error);
}

__attribute__((format(printf, 4, 0)))
static void fail(struct paystack_call *call, int status, const char *code, const char *format,
                 va_list args)
{
    char message[ERROR_MESSAGE_BYTES];

    vsnprintf(message, sizeof message, format, args);
    answer(call, status, validation_error, code, message);
}

void paystack_reject(struct paystack_call *call, const char *code, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fail(call, 400, code, format, args);
    va_end(args);
}

void paystack_fail(struct paystack_call *call, int status, const char *code, const char *format,
                   ...)
{
    va_list args;

    va_start(args, format);
    fail(call, status, code, format, args);
    va_end(args);
}

void paystack_refuse(struct paystack_call *call, int status, const char *message)
{
    answer(call, status, NULL, NULL, message);
}

/* Paystack's own error object for each status, unless the fault sets another. */
static const struct { int status; const char *type, *code, *message; } defaults[] = {
    { 400, "validation_error", "invalid_params", "Invalid request (injected)" },
    { 401, NULL, NULL, "Invalid key" },
    { 403, NULL, NULL, "Your IP address is not allowed to make this call (injected)" },
    { 404, "validation_error", "not_found", "Entity not found (injected)" },
    { 429, NULL, NULL, "Too many requests (injected)" },
    { 500, "api_error", "unknown", "An error occurred (injected)" },
};

#define DEFAULT_COUNT (sizeof defaults / sizeof defaults[0])

static size_t default_for(int status)
{
    for (size_t i = 0; i < DEFAULT_COUNT; i++)
        if (defaults[i].status == status)
            return i;
    return status < 500 ? 0 : DEFAULT_COUNT - 1;
}

void paystack_error_injected(struct paystack_call *call)
{
    const struct fault_plan *plan = &call->exchange->plan;
    size_t                   row = default_for(plan->status);
    const char *code = plan->code[0] != '\0' ? plan->code : defaults[row].code;

    answer(call, plan->status, plan->type[0] != '\0' ? plan->type : defaults[row].type,
           code == NULL ? "unknown" : code,
           plan->message[0] != '\0' ? plan->message : defaults[row].message);
    for (size_t i = 0; i < plan->header_count; i++)
        http_add_header(&call->exchange->response, plan->headers[i].name, plan->headers[i].value);
}
