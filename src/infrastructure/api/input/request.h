/*
 * request.h - one HTTP request, as nginx hands it over in FastCGI parameters.
 *
 * Only the parameters of the list in request.c are looked at. All texts live in the arena, so they
 * outlast the connection.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_INPUT_REQUEST_H
#define PAYAPI_INFRASTRUCTURE_API_INPUT_REQUEST_H

#include "application/provider.h"

#define PATH_BYTES_MAX 1024

struct route;
struct query;

struct request {
    const char  *method;                /* "-" when it is none */
    const char  *path;                  /* normalised and decoded by nginx */
    const char  *query;                 /* raw, without '?'; "" when there is none */
    const char  *content_type;          /* "" absent, and so below */
    const char  *content_coding;        /* Content-Encoding */
    const char  *authorization;
    const char  *accept;
    const char  *signatures[PROVIDERS_MAX];     /* of webhooks: each provider's own header */
    const char  *idempotency_key;       /* NULL absent */
    const char  *last_event_id;         /* of a stream that is resumed */
    const char  *trace_id;              /* nginx's, or a new one */
    const char  *address;               /* of the caller, as nginx knows it */
    uint64_t     sender;                /* the same as a number: application/inbox/rejections.h */
    int64_t      arrived_at_ms;         /* at nginx; 0 unknown */
    const char  *repeated;              /* a header that came twice, or joined; or NULL */
    const struct route *route;          /* NULL until router_find */
    const struct query *parameters;     /* the query, read (query.h); NULL: not yet */
    const char  *id;                    /* the path's :id; "" without one */
    struct bytes body;                  /* filled in after the route is known */
};

/* params: "NAME=value" strings, NULL at the end. Never fails; request_check judges. */
struct request request_collect(struct arena *arena, char *const *params);

/*
 * 400 when a header is repeated or the path is not fit to be routed; 415 for a compressed body:
 * nothing here unpacks it, and what is read must be what was signed and counted.
 */
const struct problem *request_check(struct ctx *ctx, const struct request *request);

#endif
