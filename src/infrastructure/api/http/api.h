/*
 * api.h - one request from its parameters to its response. Knows nothing of FastCGI.
 *
 * In two steps, because only the route tells how large a body may be:
 * api_open reads the head and decides whether the caller gets in; then the transport reads the
 * body; api_answer runs the endpoint and makes a response of whatever came out.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_HTTP_API_H
#define PAYAPI_INFRASTRUCTURE_API_HTTP_API_H

#include "infrastructure/auth/api_key_memory.h"
#include "infrastructure/auth/token.h"
#include "response.h"
#include "router.h"

/* What all requests of a worker share. */
struct api {
    enum pool                     pool;
    struct token_rules            token_rules;
    struct api_key_memory        *api_key_memory;
    int                           queue_limit_ms;       /* older requests are not begun */
    struct store                 *store;
    const struct provider *const *providers;
    const struct settings        *settings;
    struct rejections            *rejections;           /* of all workers of the pool */
};

/* One request on its way through. */
struct exchange {
    struct ctx            ctx;
    struct request        request;
    const struct problem *problem;      /* why it ends here; OK while it goes on */
};

/* params as in request.h; everything lives in the arena. */
void api_open(const struct api *api, struct arena *arena, char *const *params, int64_t now_ms,
              struct exchange *exchange_out);

struct response api_answer(struct exchange *exchange);

#endif
