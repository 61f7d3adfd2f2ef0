/*
 * store_pg.h - the store in PostgreSQL: making it, keeping it connected, and what tests count.
 *
 * One store is one connection, for one thread. Everything else is application/store/store.h.
 */
#ifndef PAYAPI_INFRASTRUCTURE_POSTGRES_STORE_PG_H
#define PAYAPI_INFRASTRUCTURE_POSTGRES_STORE_PG_H

#include <stdint.h>

#include "application/ctx.h"
#include "infrastructure/postgres/store_news.h"

/* Borrowed: must live as long as the store. NULL: taken from the url, else libpq's default. */
struct store_settings {
    const char *url;            /* postgresql://...: then host, port and name are not used */
    const char *host;           /* name, address or directory of the socket; may be a list */
    const char *port;
    const char *user;
    const char *password;
    const char *name;           /* of the database */
    const char *application_name;       /* as pg_stat_activity shows it: "payapi-worker fast" */
    struct store_news *news;    /* NULL: not shared */
    bool        plans_once;     /* set by store_plan_once */
};

/* Connects to nothing yet. */
struct store *store_new(const struct store_settings *settings);
void          store_free(struct store *store);      /* NULL is fine */
/*
 * For a worker, before it connects: each statement is planned once for all arguments, but after
 * transaction_plan_anew. Left to itself PostgreSQL would plan every list anew: it takes LIMIT $1
 * for a tenth of the rows, and then prefers a plan for the page that is really asked for. Batches
 * that read a range of rows are planned better for that very range; so programs other than workers
 * leave it to PostgreSQL.
 */
void          store_plan_once(struct store *store);

/*
 * The files that a connection with these settings may read, for a caller that forbids all others:
 * those named by settings and PG... variables, and libpq's defaults in $HOME. Ends with NULL.
 */
const char *const *store_settings_files(struct arena *arena, const struct store_settings *settings);

/* Why libpq cannot parse the URL, in one line; NULL: it can. */
const char *store_url_complaint(struct arena *arena, const char *url);

/*
 * Before each request that needs the database: OK when the connection is alive, else after one
 * attempt to connect (2 s at most). PROBLEM_DATABASE_UNAVAILABLE is temporary; PROBLEM_INTERNAL is
 * not: statements and schema do not match, so a program that starts must fail.
 */
const struct problem *store_ready(struct ctx *ctx);

/*
 * How many connections all programs with this application_name may have together: what the server
 * allows, less what all others have now.
 */
const struct problem *store_room(struct ctx *ctx, int64_t *room_out);

/* Counted since store_new. The tests check the promised numbers of round trips with them. */
int64_t store_round_trips(const struct store *store);
int64_t store_commits(const struct store *store);

#endif
