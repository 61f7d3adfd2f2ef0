/* Collects a request from FastCGI parameters and checks its head. */
#include "request.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <strings.h>

#include "application/ctx.h"

/*
 * What happens when a header comes twice (RFC 9110 section 5.3). nginx before 1.23 passes each line
 * on; later versions join them with ", ". Both get the same answer.
 */
enum second {
    SECOND_REFUSED,             /* nginx sends it once, or refuses the second line itself */
    SECOND_REFUSED_JOINED,      /* refused as two lines and as one with ", ", which no value has */
    SECOND_JOINS,               /* the header is a list */
};

/* The parameters that are read; all others are ignored. */
static const struct parameter {
    const char *name;
    size_t      offset;                 /* in struct request; NOWHERE: only its repetition counts */
    const char *header;
    enum second second;
} parameters[] = {
#define NOWHERE ((size_t) -1)
#define AT(member) offsetof(struct request, member)
    { "REQUEST_METHOD",        AT(method),           "method",           SECOND_REFUSED },
    { "DOCUMENT_URI",          AT(path),             "path",             SECOND_REFUSED },
    { "QUERY_STRING",          AT(query),            "query",            SECOND_REFUSED },
    { "TRACE_ID",              AT(trace_id),         "trace id",         SECOND_REFUSED },
    { "CONTENT_TYPE",          AT(content_type),     "Content-Type",     SECOND_REFUSED_JOINED },
    { "HTTP_CONTENT_TYPE",     NOWHERE,              "Content-Type",     SECOND_REFUSED_JOINED },
    { "HTTP_CONTENT_ENCODING", AT(content_coding),   "Content-Encoding", SECOND_JOINS },
    { "HTTP_AUTHORIZATION",    AT(authorization),    "Authorization",    SECOND_REFUSED },
    { "HTTP_ACCEPT",           AT(accept),           "Accept",           SECOND_JOINS },
#define PROVIDER(id, name, header, parameter, ...) \
    { parameter, AT(signatures[PROVIDER_##id]), header, SECOND_REFUSED_JOINED },
#include "application/providers.def"
    { "HTTP_IDEMPOTENCY_KEY",  AT(idempotency_key),  "Idempotency-Key",  SECOND_REFUSED_JOINED },
    { "HTTP_LAST_EVENT_ID",    AT(last_event_id),    "Last-Event-ID",    SECOND_JOINS },
    { "REMOTE_ADDR",           AT(address),          "address",          SECOND_REFUSED },
    { "REQUEST_START",         NOWHERE,              "arrival time",     SECOND_REFUSED },
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

/* An IPv4 address, or the network (upper half) of an IPv6 address. 0: neither (a unix socket). */
static uint64_t read_sender(const char *address)
{
    unsigned char bytes[sizeof(struct in6_addr)] = { 0 };
    uint64_t number = 0;

    if (inet_pton(AF_INET, address, bytes + 4) != 1 && inet_pton(AF_INET6, address, bytes) != 1)
        return 0;
    for (int i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return number;
}

static bool is_trace_id(const char *text)
{
    return strlen(text) == TRACE_ID_SIZE && strspn(text, "0123456789abcdef") == TRACE_ID_SIZE &&
           strspn(text, "0") < TRACE_ID_SIZE;
}

/* nginx passes on no malformed method; if one comes, it must not reach answers and logs. */
static bool is_method(const char *text)
{
    return *text != '\0' && text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-")] == '\0';
}

/* Whether ", " occurs outside quotes. Inside them it is part of a quoted string, and \ escapes. */
static bool is_joined(const char *value)
{
    bool quoted = false;

    for (; *value != '\0'; value++) {
        if (*value == '"')
            quoted = !quoted;
        else if (quoted && *value == '\\' && value[1] != '\0')
            value++;
        else if (!quoted && value[0] == ',' && value[1] == ' ')
            return true;
    }
    return false;
}

static bool is_refused(const struct parameter *parameter, bool is_second, const char *value)
{
    switch (parameter->second) {
    case SECOND_REFUSED:        return is_second;
    case SECOND_REFUSED_JOINED: return is_second || is_joined(value);
    case SECOND_JOINS:          return false;
    }
    return false;
}

static void put_value(struct arena *arena, const char **member, bool joins, const char *value)
{
    *member = joins ? arena_printf(arena, "%s, %s", *member, value) : arena_strdup(arena, value);
}

static void collect_one(struct arena *arena, struct request *request, const char *param,
                        bool seen[static PARAMETER_COUNT])
{
    const struct parameter *parameter = find_parameter(param);
    const char *value = param + strcspn(param, "=");
    bool is_second;

    if (parameter == NULL || *value++ == '\0')
        return;
    is_second = seen[parameter - parameters];
    seen[parameter - parameters] = true;
    if (is_refused(parameter, is_second, value))
        request->repeated = parameter->header;
    if (strcmp(parameter->name, "REQUEST_START") == 0)
        request->arrived_at_ms = read_arrival(value);
    if (parameter->offset != NOWHERE)
        put_value(arena, (const char **) ((char *) request + parameter->offset),
                  is_second && parameter->second == SECOND_JOINS, value);
}

struct request request_collect(struct arena *arena, char *const *params)
{
    struct request request = { .method = "", .path = "", .query = "", .content_type = "",
                               .content_coding = "",
                               .authorization = "", .accept = "", .last_event_id = "",
                               .trace_id = "", .address = "", .id = "" };
    bool seen[PARAMETER_COUNT] = { false };

    for (int i = 0; i < PROVIDERS_MAX; i++)
        request.signatures[i] = "";
    for (; *params != NULL; params++)
        collect_one(arena, &request, *params, seen);
    if (!is_method(request.method))
        request.method = "-";
    if (!is_trace_id(request.trace_id))
        request.trace_id = ctx_new_trace_id(arena);
    request.sender = read_sender(request.address);
    return request;
}

/* nginx has decoded the path, so a percent sign or control byte that remains was encoded twice. */
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
                           "The header %s must be sent once, with one value.", request->repeated);
    if (*request->content_coding != '\0' && strcasecmp(request->content_coding, "identity") != 0)
        return problem_new(ctx->arena, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
                           "The request body must not be compressed.");
    if (!is_routable(request->path))
        return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST,
                           "The path has control characters or percent signs, or is too long.");
    return OK;
}
