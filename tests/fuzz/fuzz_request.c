/*
 * The head of a request, as FastCGI parameters: lines of NAME=value. Whoever is refused gets a problem
 * in JSON with the right type, and no header but ours: nothing of the request breaks out of it.
 */
#include "fuzz.h"

#include <jansson.h>

#include "infrastructure/api/http/api.h"

#define PARAMS_MAX 32

static const struct settings settings = { .problem_base_url = "https://api.example.com/errors/" };
static const struct api api = {
    .pool = POOL_FAST,
    .token_rules = { .key = { .hs256_secret = { "the fuzzer has to guess this secret", 35 } },
                     .issuer = "", .audience = "" },
    .queue_limit_ms = 5000,
    .settings = &settings,
};

static void check_head(struct bytes head)
{
    size_t lines = 0;

    for (size_t i = 0; i < head.size; i++) {
        unsigned char c = (unsigned char) head.data[i];

        lines += c == '\n';
        assert((c >= ' ' && c < 0x7f) || c == '\r' || c == '\n');
    }
    assert(lines <= 6 && memcmp(head.data, "Status: ", 8) == 0);
}

static void check_response(struct bytes bytes)
{
    const char *body = strstr(bytes.data, "\r\n\r\n") + 4;
    json_t *problem = json_loads(body, JSON_REJECT_DUPLICATES, NULL);

    check_head((struct bytes) { bytes.data, (size_t) (body - 4 - bytes.data) });
    assert(json_is_string(json_object_get(problem, "type")));
    assert(json_is_integer(json_object_get(problem, "status")));
    json_decref(problem);
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    char *params[PARAMS_MAX + 1] = { NULL };
    struct exchange exchange;
    struct response response;

    for (int i = 0; i < PARAMS_MAX && input.size > 0; i++)
        params[i] = (char *) fuzz_line(arena, &input);
    api_open(&api, arena, params, INT64_C(1795393860000), &exchange);
    assert(strlen(exchange.ctx.trace_id) == 32);
    if (exchange.problem == OK) {
        enum access access = exchange.request.route->access;

        assert(access == AUTH_NONE || access == AUTH_SIGNATURE || access == AUTH_TICKET);
        return;
    }
    response = api_answer(&exchange);
    response.head_only = false;
    check_response(response_bytes(arena, &response));
}
