/*
 * history_dispute.h - the audit and the domain events of a dispute.
 */
#ifndef PAYAPI_APPLICATION_SETTLING_HISTORY_DISPUTE_H
#define PAYAPI_APPLICATION_SETTLING_HISTORY_DISPUTE_H

#include "application/change_source.h"
#include "application/store/store.h"

/*
 * Audit "dispute.created" (before NULL: it is new), "dispute.status" or "dispute.facts". Emits
 * dispute.opened when the dispute begins or an appeal reopens it, and dispute.closed each time it
 * ends. A dispute first seen when it is already closed still emits dispute.opened.
 */
void history_dispute_changed(struct ctx *ctx, const struct payment *payment,
                             const struct dispute *before, const struct dispute *after,
                             struct change_source source);

#endif
