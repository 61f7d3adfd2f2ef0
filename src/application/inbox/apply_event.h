/*
 * apply_event.h - applies a verified event, inside the transaction that locked what it names.
 */
#ifndef PAYAPI_APPLICATION_INBOX_APPLY_EVENT_H
#define PAYAPI_APPLICATION_INBOX_APPLY_EVENT_H

#include "application/commands.h"
#include "application/store/store.h"

/*
 * Queues everything that follows from the event, and its end in the inbox. WEBHOOK_STORED: it
 * cannot be applied yet and is left as it was; *reason_out says why. object_asked: the provider's
 * object, its refunds and its disputes were read and settled just now, so an event that only hints
 * at them is done. An event that says that the payer has paid is done only when the money is
 * booked, or a human is asked about it.
 */
const struct problem *apply_event(struct ctx *ctx, const struct provider *provider,
                                  const struct provider_event *event, bool object_asked,
                                  struct inbox_lock *lock,
                                  enum webhook_outcome *outcome_out, const char **reason_out);

#endif
