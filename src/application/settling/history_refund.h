/*
 * history_refund.h - the audit and the domain events of a refund.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_HISTORY_REFUND_H
#define PAYAPI_APPLICATION_SETTLING_HISTORY_REFUND_H

#include "application/change_source.h"
#include "application/store/store.h"

/* Refund recorded, or found at the provider: audit and event "refund.created". */
void history_refund_created(struct ctx *ctx, const struct payment *payment,
                            const struct refund *refund);
/* Audit "refund.status" ("refund.facts" when the status stayed) and the event that follows. */
void history_refund_changed(struct ctx *ctx, const struct payment *payment,
                            const struct refund *before, const struct refund *after,
                            struct change_source source);

#endif
