/*
 * store_deliveries.h - what payapi-deliver does in the database (see store.h for wait). Each
 * function is one call of a function of the schema, and commits at once.
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_DELIVERIES_H
#define PAYAPI_APPLICATION_STORE_STORE_DELIVERIES_H

#include "application/ctx.h"
#include "domain/webhook_endpoint.h"

struct delivery_id { char text[ID_TEXT_MAX]; };                 /* del_... */

/* A delivery that is leased to us: to be sent now. Texts live in the arena. */
struct due_delivery {
    struct delivery_id         id;
    struct webhook_endpoint_id endpoint_id;
    const char                *url;
    int                        generation;      /* of the endpoint's secret */
    int                        signs_from;      /* the oldest that signs too until ... */
    int64_t                    former_until_ms; /* 0: never rotated */
    int                        attempt;         /* its number; the fence of the outcome */
    int                        tries_before;    /* attempts that do not count in the schedule */
    const char                *event_id;
    const char                *event_type;
    int64_t                    event_at_ms;
    int64_t                    seq;             /* 0: the event is about no payment */
    const char                *payload;         /* JSON object */
    const char                *trace_id;        /* of the change */
};

struct delivery_result {
    struct delivery_id id;
    int                attempt;
    int64_t            began_ms;        /* Unix */
    int                duration_ms;
    int                http_status;     /* 0: there was no answer */
    const char        *error;           /* "": the endpoint accepted it */
    const char        *answer;          /* the beginning of the answer's body, as text */
    int64_t            next_at_ms;      /* of the next attempt, if it failed; 0: there is none */
};

/* How an endpoint fares now. */
struct endpoint_fare {
    struct webhook_endpoint_id id;
    int                        failures;        /* since the last success */
    int64_t                    failing_since_ms;        /* 0: the last attempt succeeded */
};

/* Makes the deliveries of new events, of at_most events. More are left when it reaches that. */
const struct problem *store_deliveries_plan(struct ctx *ctx, int at_most, int *events_out);

/* Leases at most at_most deliveries that are due, for lease_ms. */
const struct problem *store_deliveries_claim(struct ctx *ctx, int at_most, int lease_ms,
                                             struct due_delivery **due_out, int *count_out);

/* In the order in which they ended. A result whose lease was lost changes nothing. */
const struct problem *store_deliveries_finish(struct ctx *ctx,
                                              const struct delivery_result *results,
                                              int result_count, struct endpoint_fare **fares_out,
                                              int *fare_count_out);

/*
 * Nothing more is sent to it, and an event with that payload tells the other endpoints. *done_out
 * is false when it was not enabled any more.
 */
const struct problem *store_endpoint_disable(struct ctx *ctx, struct webhook_endpoint_id id,
                                             enum webhook_disabled_reason reason,
                                             struct bytes payload, bool *done_out);

#endif
