/*
 * handover.h - how a worker hands a client whom it let in to payapi-stream.
 *
 * The worker answers with X-Accel-Redirect and the address
 * /stream/<view>/<payment id>/<after>/<caller>, and nginx asks payapi-stream for it. nginx lets
 * nobody else use such an address, so whoever comes with one has been let in.
 */
#ifndef PAYAPI_INFRASTRUCTURE_LIVE_HANDOVER_H
#define PAYAPI_INFRASTRUCTURE_LIVE_HANDOVER_H

#include "application/audit/digest.h"
#include "domain/ids.h"

/* What a caller may see: the payment as the API shows it, or only what became of it. */
enum live_view { LIVE_PAYMENT, LIVE_OUTCOME };

#define HANDOVER_CALLER_DIGITS 32

struct handover {
    enum live_view    view;
    struct payment_id payment_id;
    int64_t           after;            /* the last event that the client has; 0: none */
    char              caller[HANDOVER_CALLER_DIGITS + 1];   /* whose streams are counted together */
};

/* Fills in caller: lower case hex digits of a SHA-256 over kind and name. */
void handover_name_caller(struct handover *handover, const char *kind, const char *name);

/* The address, in the arena. */
const char *handover_print(struct arena *arena, const struct handover *handover);
/* False when the address is not one that handover_print makes. */
MUST_CHECK bool handover_parse(const char *address, struct handover *handover_out);

/* "payment", "outcome" */
const char *live_view_name(enum live_view view);

#endif
