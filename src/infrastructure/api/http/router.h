/*
 * router.h - which endpoint answers which method and path. The table is in routes.c.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_HTTP_ROUTER_H
#define PAYAPI_INFRASTRUCTURE_API_HTTP_ROUTER_H

#include "application/answer.h"
#include "domain/scope.h"
#include "infrastructure/api/input/request.h"

enum access {
    AUTH_NONE,
    AUTH_USER,                  /* a token with the role user, shop or admin */
    AUTH_TICKET,                /* the same token, or none: then the endpoint asks for a ticket */
    AUTH_ADMIN,
    AUTH_SIGNATURE              /* the endpoint's command checks the provider's signature */
};

/* Bulkheads: only the provider pool waits for providers (ARCHITECTURE.md, Processes). */
enum pool { POOL_FAST, POOL_PROVIDER };

enum route_style {
    STYLE_API,                  /* an unknown query parameter is an error */
    STYLE_WEBHOOK,              /* any query is ignored; a large body is allowed */
    STYLE_HEALTH,               /* any query is ignored; plain JSON, an error status included */
    STYLE_LIVENESS              /* the same, and nothing is touched, not even the database */
};

struct route {
    const char      *method;
    const char      *pattern;           /* ":id" stands for one segment */
    enum access      access;
    enum pool        pool;
    enum route_style style;
    enum scope       scope;             /* that an API key needs; AUTH_... is about tokens */
    /* Translates: request to command or query, result to answer. */
    const struct problem *(*endpoint)(struct ctx *ctx, const struct request *request,
                                      struct answer *answer_out);
    const char      *query;             /* allowed parameters, separated by blanks */
    const char      *location;          /* of what a 201 made: this and its id */
};

/* The whole table: for the tests, and for comparing it with the OpenAPI document. */
const struct route *router_table(size_t *count_out);

/* Fills in request->route and request->id. 404, 405, or 500 when the route is the other pool's. */
const struct problem *router_find(struct ctx *ctx, enum pool pool, struct request *request);

/* "GET, HEAD": what a path answers to; "" when it is unknown. */
const char *router_allow(struct arena *arena, const char *path);

const char *pool_name(enum pool pool);
MUST_CHECK bool pool_parse(const char *name, enum pool *pool_out);

/* The largest body the route takes. */
size_t route_body_max(const struct route *route);
/* Such routes never answer with a problem document: supervisors read their answers. */
bool route_is_health(const struct route *route);

#endif
