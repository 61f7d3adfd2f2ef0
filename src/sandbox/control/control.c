/* Finds the control operation for a request, reads its body and answers. */
#include "control.h"

#include <stdarg.h>
#include <string.h>

#include "control_routes.h"

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

/* Takes ago_s out of the body, so that the operations need not read it. */
static bool take_ago(struct control_call *call)
{
    const json_t *ago = json_object_get(call->body, "ago_s");

    call->ago_s = json_integer_value(ago);
    if (ago != NULL && (!json_is_integer(ago) || call->ago_s < 0)) {
        control_refuse(call, 400, "ago_s is a positive number of seconds.");
        return false;
    }
    json_object_del(call->body, "ago_s");
    return true;
}

void control_handle(struct world *world, struct exchange *exchange)
{
    struct control_call        call = { .world = world, .exchange = exchange };
    const struct http_request *request = &exchange->request;

    for (size_t i = 0; i < control_route_count; i++) {
        if (strcmp(control_routes[i].method, request->method) != 0 ||
            !http_path_matches(control_routes[i].path, request->path, call.id, sizeof call.id))
            continue;
        if (read_body(&call) && (!control_routes[i].takes_ago || take_ago(&call)))
            control_routes[i].run(&call);
        json_decref(call.body);
        return;
    }
    control_refuse(&call, 404, "There is no such control operation.");
}
