/*
 * ctx.h - everything that a use case may touch for one request, in one place and without globals.
 */
#ifndef PAYAPI_APPLICATION_CTX_H
#define PAYAPI_APPLICATION_CTX_H

#include <stdatomic.h>
#include <stdint.h>

#include "application/problem.h"
#include "base/arena.h"
#include "domain/api_key.h"

struct store;                   /* PostgreSQL, or a fake: store.h */
struct provider;                /* provider.h */
struct audit_key;               /* audit_key.h */
struct audit_record;            /* audit_record.h */
struct authorship;              /* authorship.h */
struct rejections;              /* rejections.h */
struct live_tickets;            /* infrastructure/live/live_ticket.h */
struct webhook_secrets;         /* infrastructure/webhooks_out/webhook_secrets.h */

/*
 * Each role may do what the roles before it may. ROLE_SHOP: the shop's back end, for that customer.
 */
enum role { ROLE_NONE, ROLE_USER, ROLE_SHOP, ROLE_ADMIN };

enum actor_kind {
    ACTOR_CALLER,               /* of the API or the command line: role says what it may do */
    ACTOR_KEY,                  /* a back end, by its API key: ctx->api_key */
    ACTOR_WEBHOOK,              /* a provider, by its webhook */
    ACTOR_PULL,                 /* we, reading a provider's list of events */
    ACTOR_JOBS                  /* we, in payapi-jobs */
};

struct actor {
    /*
     * ROLE_NONE for every kind but a caller with a token, and a key: ROLE_ADMIN with the scope
     * admin, else ROLE_SHOP.
     */
    enum role       role;
    const char     *id;         /* the token's subject, or the key's id; "stripe" for its webhooks,
                                   "pull:stripe" for events that we fetched, "jobs"; "" for a caller
                                   with no token */
    enum actor_kind kind;
};

/* What use cases need of the configuration. Lives as long as the process. */
struct settings {
    const char *default_provider;       /* PAYMENT_PROVIDER */
    const char *problem_base_url;       /* ends with '/' */
    const char *public_base_url;        /* without '/' at the end */
    /* allowed origins of a shop's own pages, separated by blanks; "": any */
    const char *return_url_origins;
    int         checkout_ttl_s;         /* life of a hosted page: 31 min .. 23 h 59 */
    int         idempotency_ttl_h;
    const struct audit_key *audit_key;  /* seals audit checkpoints; NULL: none configured */
    /* keeps the last checkpoint outside the database; NULL: nowhere */
    const struct audit_record *audit_record;
    const struct authorship *authorship;        /* proves which objects at a provider are ours */
    /* opens a payment's stream without a token; NULL in programs that open none */
    const struct live_tickets *live_tickets;
    int         recovery_first_delay_ms;        /* before asking again for an unknown outcome */
    int         events_pull_interval_s;  /* between two readings of a provider's list of events */
    int         webhook_body_retention_days;  /* bodies of finished events are emptied afterwards */
    int         webhook_delivery_retention_days;  /* deliveries are deleted afterwards */
    const char *webhook_allow_nets;  /* inner networks that webhooks may go to, by blanks */
    /* of the shop's endpoints; NULL in programs that show none and sign nothing */
    const struct webhook_secrets *webhook_secrets;
    _Atomic int64_t *ready_at_ms;  /* when readiness was proved (check_ready); for all workers */
    bool        rate_limits;  /* senders of bad signatures are held back (rejections.h) */
    bool        reconcile;  /* payapi-jobs compares each finished day (reconcile.h) */
    /* a bit for each part that was reported unwell; NULL: nothing is reported */
    atomic_uint *health_told;
};

struct ctx {
    struct arena                 *arena;
    struct store                 *store;
    const struct provider *const *providers;    /* configured ones, NULL at the end */
    const struct settings        *settings;
    struct rejections            *rejections;   /* NULL in programs that take no webhooks */
    int64_t                       now_ms;       /* Unix time when the request was taken up */
    /* TRACE_ID_SIZE hex digits; "" for work that no log line needs to name */
    const char                   *trace_id;
    const char                   *method;       /* "POST"; for the problem document */
    const char                   *path;         /* "/api/v1/orders": normalised by nginx */
    struct actor                  actor;
    struct api_key               *api_key;      /* of ACTOR_KEY; else NULL */
};

/*
 * A ctx for work without a request or an actor; the caller sets what it knows better. All pointers
 * are borrowed and must outlive it. now_ms: Unix time. trace_id, method and path are "", the actor
 * is nobody.
 */
struct ctx ctx_new(struct arena *arena, struct store *store,
                   const struct provider *const *providers, const struct settings *settings,
                   int64_t now_ms);

#define TRACE_ID_SIZE 32
/* Random, TRACE_ID_SIZE hex digits, in the arena. */
const char *ctx_new_trace_id(struct arena *arena);

/* A new id of that kind ("pay"): time from ctx, randomness from the system. */
void ctx_new_id(const struct ctx *ctx, const char *prefix, char text_out[static 32]);
/* The same for something that happened at at_ms, Unix milliseconds; rank: see id_print_since. */
void ctx_new_id_since(const struct ctx *ctx, const char *prefix, int64_t at_ms, int rank,
                      char text_out[static 32]);

/*
 * The owner that a query is limited to: the actor, or NULL (everything) for an admin and for an API
 * key.
 */
const char *ctx_owner_limit(const struct ctx *ctx);
/* The owner whose orders it may check out: also an admin only pays its own. NULL: any. */
const char *ctx_payer(const struct ctx *ctx);
/* What the caller may allow to a new API key. */
struct scopes ctx_scopes(const struct ctx *ctx);
/* The mode of our keys at the providers: true when any of them moves money. */
bool ctx_is_live(const struct ctx *ctx);

#endif
