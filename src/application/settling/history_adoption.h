/*
 * history_adoption.h - the audit rows and domain events of adopted orders and payments.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_HISTORY_ADOPTION_H
#define PAYAPI_APPLICATION_SETTLING_HISTORY_ADOPTION_H

#include "application/store/store.h"

/* Audit "order.adopted" and event order.created. */
void history_order_adopted(struct ctx *ctx, const struct order *order);
/* Audit "payment.adopted" and event payment.created. payment: as it was when it was created. */
void history_payment_adopted(struct ctx *ctx, const struct payment *payment);

#endif
