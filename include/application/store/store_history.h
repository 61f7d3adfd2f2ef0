/*
 * store_history.h - the audit log, written with every change; some of its rows are domain events
 * too (see store.h for queue).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_HISTORY_H
#define PAYAPI_APPLICATION_STORE_STORE_HISTORY_H

#include "application/ctx.h"
#include "domain/domain_event.h"
#include "domain/order.h"
#include "domain/payment.h"

struct change {
    struct order_id   order_id;         /* "": about no order */
    struct payment_id payment_id;       /* "": about no payment */
    const char       *action;
    struct bytes      body;             /* JSON object with ids and amounts, no personal data */
    enum domain_event event;            /* that announces it; DOMAIN_EVENT_NONE: none does */
    struct bytes      payload;          /* of that event: the resource after the change */
};
/* The payment's row is locked, or it is new: its changes are numbered. */
void store_history_insert(struct ctx *ctx, const struct change *change);        /* queue */

#endif
