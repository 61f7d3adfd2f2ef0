#include "infrastructure/api/request.h"

#include <stdio.h>
#include <stdlib.h>

#include "application/entropy.h"

#define TRACE_ID_SIZE 32

/* The parameters we read; whatever else comes in does not exist for us. */
static const struct parameter {
    const char *name;
    size_t      offset;                 /* in struct request; NOWHERE: only its repetition counts */
    const char *header;
} parameters[] = {
#define NOWHERE ((size_t) -1)
#define AT(member) offsetof(struct request, member)
    { "REQUEST_METHOD",        AT(method),           "method" },
    { "DOCUMENT_URI",          AT(path),             "path" },
    { "QUERY_STRING",          AT(query),            "query" },
    { "TRACE_ID",              AT(trace_id),         "trace id" },
    { "CONTENT_TYPE",          AT(content_type),     "Content-Type" },
    { "HTTP_CONTENT_TYPE",     NOWHERE,              "Content-Type" },
    { "HTTP_AUTHORIZATION",    AT(authorization),    "Authorization" },
    { "HTTP_ACCEPT",           AT(accept),           "Accept" },
    { "HTTP_STRIPE_SIGNATURE", AT(stripe_signature), "Stripe-Signature" },
    { "HTTP_X_PAYSTACK_SIGNATURE", AT(paystack_signature), "x-paystack-signature" },
    { "HTTP_IDEMPOTENCY_KEY",  AT(idempotency_key),  "Idempotency-Key" },
    { "REQUEST_START",         NOWHERE,              "arrival time" },
};

#define PARAMETER_COUNT (sizeof(parameters) / sizeof(parameters[0]))

static const struct parameter *find_parameter(const char *param)
{
    size_t size = strcspn(param, "=");

    for (size_t i = 0; i < PARAMETER_COUNT; i++)
        if (strlen(parameters[i].name) == size && memcmp(parameters[i].name, param, size) == 0)
            return &parameters[i];
    return NULL;
}

/* nginx's $msec: seconds, a point, three digits. */
static int64_t read_arrival(const char *text)
{
    char *point, *end;
    long long seconds = strtoll(text, &point, 10), milliseconds;

    if (point == text || point - text > 10 || *point != '.')
        return 0;
    milliseconds = strtoll(point + 1, &end, 10);
    return end == point + 4 && *end == '\0' ? seconds * 1000 + milliseconds : 0;
}

static bool is_trace_id(const char *text)
{
    return strlen(text) == TRACE_ID_SIZE && strspn(text, "0123456789abcdef") == TRACE_ID_SIZE &&
           strspn(text, "0") < TRACE_ID_SIZE;
}

static const char *new_trace_id(struct arena *arena)
{
    unsigned char random[TRACE_ID_SIZE / 2];
    char *text = arena_alloc(arena, TRACE_ID_SIZE + 1);

    entropy_fill(random, sizeof(random));
    for (size_t i = 0; i < sizeof(random); i++)
        sprintf(text + 2 * i, "%02x", random[i]);
    return text;
}

/* nginx lets no other through; what is none must not get into answers and logs as it is. */
static bool is_method(const char *text)
{
    return *text != '\0' && text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-")] == '\0';
}

static void collect_one(struct arena *arena, struct request *request, const char *param,
                        bool seen[static PARAMETER_COUNT])
{
    const struct parameter *parameter = find_parameter(param);
    const char *value = param + strcspn(param, "=");

    if (parameter == NULL || *value == '\0')
        return;
    if (seen[parameter - parameters])
        request->repeated = parameter->header;
    seen[parameter - parameters] = true;
    if (strcmp(parameter->name, "REQUEST_START") == 0)
        request->arrived_at_ms = read_arrival(value + 1);
    if (parameter->offset != NOWHERE)
        *(const char **) ((char *) request + parameter->offset) = arena_strdup(arena, value + 1);
}

struct request request_collect(struct arena *arena, char *const *params)
{
    struct request request = { .method = "", .path = "", .query = "", .content_type = "",
                               .authorization = "", .accept = "", .stripe_signature = "",
                               .paystack_signature = "",
                               .trace_id = "", .id = "" };
    bool seen[PARAMETER_COUNT] = { false };

    for (; *params != NULL; params++)
        collect_one(arena, &request, *params, seen);
    if (!is_method(request.method))
        request.method = "-";
    if (!is_trace_id(request.trace_id))
        request.trace_id = new_trace_id(arena);
    return request;
}

/* nginx has decoded the path: a percent sign that is left, or a control byte, was encoded twice. */
static bool is_routable(const char *path)
{
    if (*path != '/' || strnlen(path, PATH_BYTES_MAX + 1) > PATH_BYTES_MAX)
        return false;
    for (; *path != '\0'; path++)
        if ((unsigned char) *path < ' ' || *path == 0x7f || *path == '%')
            return false;
    return true;
}

const struct problem *request_check(struct ctx *ctx, const struct request *request)
{
    if (request->repeated != NULL)
        return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST,
                           "The header %s must not be sent more than once.", request->repeated);
    if (!is_routable(request->path))
        return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST,
                           "The path has control characters or percent signs, or is too long.");
    return OK;
}
