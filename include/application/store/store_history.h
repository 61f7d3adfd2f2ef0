/*
 * store_history.h - the audit log and the domain events, written with every change (see store.h for
 * queue).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_HISTORY_H
#define PAYAPI_APPLICATION_STORE_STORE_HISTORY_H

#include "application/ctx.h"
#include "domain/domain_event.h"
#include "domain/order.h"
#include "domain/payment.h"

/* body: JSON object with ids and amounts, no personal data. payment_id "": about the order. */
void store_audit_insert(struct ctx *ctx, struct order_id order_id, struct payment_id payment_id,
                        const char *action, struct bytes body);                 /* queue */
void store_outbox_insert(struct ctx *ctx, struct order_id order_id, struct payment_id payment_id,
                         enum domain_event type, struct bytes payload);            /* queue */

#endif
