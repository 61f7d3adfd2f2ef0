/*
 * given.h - what the tests of the API start from: a context, requests, and use cases that only
 * remember what they were asked.
 */
#ifndef PAYAPI_TESTS_API_GIVEN_H
#define PAYAPI_TESTS_API_GIVEN_H

#include "application/commands.h"
#include "application/queries.h"
#include "infrastructure/api/http/api.h"

#define SECRET     "a secret of more than thirty-two bytes"
#define NOW_MS     INT64_C(1795393860123)       /* 2026-11-23T00:31:00.123Z */
#define TRACE_ID   "0af7651916cd43dd8448eb211c80319c"
#define PAYMENT_ID "pay_01HZX3V9QK7T2W9XH4VBN1RCDE"
#define REFUND_ID  "ref_06F5M3TC4R9GJ2N8YB5QW7ZD1K"
#define API_KEY_ID "key_01ARZ3NDEKTSV4RRFFQ69G5FAV"
#define GIVEN_KEY  "payapi_test_0123456789ABCDEFGHIJKLMNOPQRST4PMbyp"
#define DISPUTE_ID "dsp_01ARZ3NDEKTSV4RRFFQ69G5FAV"

/* cmocka set-up and tear-down: *state is the arena; the fakes forget. */
int given_nothing(void **state);
int forget_all(void **state);

/* What RETURN_URL_ORIGINS says, till the end of the test. */
void given_return_url_origins(const char *origins);
struct ctx given_ctx(struct arena *arena);
struct api given_api(enum pool pool);
/* "Bearer ..." for that caller, good for ten minutes. */
const char *given_token(struct arena *arena, const char *subject, enum role role);

/* A request as nginx hands it over; texts may be NULL. */
struct given_request {
    const char *method, *path, *query, *authorization, *content_type, *key, *signature, *body;
    const char *address;
};
struct exchange given_exchange(struct arena *arena, enum pool pool,
                               const struct given_request *wanted);
/* Opens and answers. */
struct response send_request(struct arena *arena, enum pool pool,
                             const struct given_request *wanted);
/* As an admin, with a body that every endpoint takes, to the pool that serves the path. */
enum pool       pool_of(const char *path);
struct response ask(struct arena *arena, const char *method, const char *path);
/* As the shop for a customer, with any bytes. */
struct response post_body(struct arena *arena, const char *path, struct bytes body,
                          const char *content_type);
/* The headers and the body as they go to nginx. */
const char *sent_bytes(struct arena *arena, const struct response *response);

struct order   given_order(void);
struct payment given_payment(void);
struct refund  given_refund(void);
struct api_key given_key(void);         /* "shop", for test mode, without scopes */
struct dispute given_dispute(void);     /* 25.00 USD, withdrawn, due a second from now */

/* --- The fake use cases -------------------------------------------------------------------- */
extern struct fakes {
    int                     calls;
    const char             *called;             /* "create_order" */
    struct create_order     create_order;
    struct refund_terms     refund_terms;
    struct checkout_order   checkout_order;
    struct idempotency_key  key;                /* of either; key NULL when there was none */
    struct receive_webhook  receive_webhook;
    struct order_page_query list_orders;
    char                    id[ORDER_ID_TEXT_MAX];
    char                    actor_id[OWNER_ID_MAX];
    enum role               role;
    /* What they are to answer. */
    const struct problem   *problem;
    int                     problem_count;      /* so often; 0: always */
    int                     repeats;            /* prepared in the store */
    enum webhook_outcome    outcome;
    struct health           health;
    struct order_page       page;
    bool                    replay;
    struct create_api_key   create_api_key;
    struct api_key          api_key;            /* whose text is GIVEN_KEY; id "": there is none */
    int                     key_lookups;
} fakes;
/* Notes the call; what it is to answer. */
const struct problem *called(const struct ctx *ctx, const char *name);

#endif
