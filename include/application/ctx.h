/*
 * ctx.h - what a use case may touch: everything of one request in one place, and no globals.
 */
#ifndef PAYAPI_APPLICATION_CTX_H
#define PAYAPI_APPLICATION_CTX_H

#include <stdatomic.h>
#include <stdint.h>

#include "application/problem.h"
#include "base/arena.h"

struct store;                   /* PostgreSQL, or a fake: store.h */
struct provider;                /* provider.h */
struct audit_key;               /* audit_key.h */
struct authorship;              /* authorship.h */

enum role { ROLE_NONE, ROLE_USER, ROLE_ADMIN };

struct actor {
    enum role   role;           /* ROLE_NONE: a provider's webhook, or nobody */
    const char *id;             /* the token's subject; "stripe" for its webhooks, "pull:stripe" for
                                   events that we fetched; never NULL */
};

/* What use cases need of the configuration. Lives as long as the process. */
struct settings {
    const char *default_provider;       /* PAYMENT_PROVIDER */
    const char *problem_base_url;       /* ends with '/' */
    const char *public_base_url;        /* without '/' at the end */
    int         checkout_ttl_s;         /* life of a hosted page: 31 min .. 23 h 59 */
    int         idempotency_ttl_h;
    const struct audit_key *audit_key;  /* seals audit checkpoints; NULL: none configured */
    const struct authorship *authorship;        /* proves which objects at a provider are ours */
    int         recovery_first_delay_ms;        /* until an unknown outcome is asked for again */
    int         events_pull_interval_s;         /* between two readings of a provider's list of events */
    int         webhook_body_retention_days;    /* bodies of finished events are emptied afterwards */
    bool        reconcile;                      /* payapi-jobs compares each finished day (reconcile.h) */
    atomic_uint *health_told;   /* a bit for each part that was told to be unwell; NULL: nobody is told */
};

struct ctx {
    struct arena                 *arena;
    struct store                 *store;
    const struct provider *const *providers;    /* configured ones, NULL at the end */
    const struct settings        *settings;
    int64_t                       now_ms;       /* Unix time when the request was taken up */
    const char                   *trace_id;     /* 32 hex digits */
    const char                   *method;       /* "POST"; for the problem document */
    const char                   *path;         /* "/api/v1/orders": normalised by nginx */
    struct actor                  actor;
};

/* A new id of that kind ("pay"): time from ctx, randomness from the system. */
void ctx_new_id(const struct ctx *ctx, const char *prefix, char text_out[static 32]);
/* The same for something that happened at at_ms, Unix milliseconds; rank: see id_print_since. */
void ctx_new_id_since(const struct ctx *ctx, const char *prefix, int64_t at_ms, int rank,
                      char text_out[static 32]);

/* The configured provider of that name, or NULL. */
const struct provider *ctx_find_provider(const struct ctx *ctx, const char *name);

/* The owner a query is limited to: the actor, or NULL (everything) for an admin. */
const char *ctx_owner_limit(const struct ctx *ctx);

#endif
