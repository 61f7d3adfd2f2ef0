/*
 * control_call.h - one control request while it is carried out, and how it is answered.
 */
#ifndef PAYAPI_SANDBOX_CONTROL_CONTROL_CALL_H
#define PAYAPI_SANDBOX_CONTROL_CONTROL_CALL_H

#include "sandbox/http/http.h"
#include "world.h"

#define CONTROL_ID_BYTES 128

struct control_call {
    struct world    *world;
    struct exchange *exchange;
    json_t          *body;                      /* an object; empty when none was sent */
    char             id[CONTROL_ID_BYTES];      /* from the path; "" without one */
    json_int_t       ago_s;                     /* how long ago the act happened; 0: now */
};

/* A row of control_routes.h. */
struct control_route {
    const char *method, *path;
    void      (*run)(struct control_call *call);
    const char *body;           /* an example; NULL when it takes none */
    const char *about;          /* one sentence, without a full stop */
    bool        takes_ago;      /* {"ago_s":n}: how long ago the act happened */
};

/*
 * The ledger's rows for both providers, as arrays. A movement is a change of the merchant's
 * balance: kind, signed amount, fee, and the time (at) that the provider gives it.
 */
struct ledger_rows {
    json_t *charges, *refunds, *disputes, *movements;
};

/* 200 with the object, which is adopted. */
void control_answer(struct control_call *call, json_t *object);

/* {"error":"..."} */
void control_refuse(struct control_call *call, int status, const char *why);

/* Unpacks the body strictly: an unknown member or a wrong type is refused with 400. */
bool control_unpack(struct control_call *call, const char *format, ...);

#endif
