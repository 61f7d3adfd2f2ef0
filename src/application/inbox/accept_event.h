/*
 * accept_event.h - accepts an event that is certainly the provider's: signed by it, or read from
 * its own list.
 */
#ifndef PAYAPI_APPLICATION_INBOX_ACCEPT_EVENT_H
#define PAYAPI_APPLICATION_INBOX_ACCEPT_EVENT_H

#include "application/commands.h"
#include "application/store/store.h"

/*
 * Stores the event once and applies it at once, in one transaction; an event that cannot be applied
 * now is kept for the inbox job. OK means that it is stored for good. raw_body: the bytes that
 * event was read from.
 */
const struct problem *accept_event(struct ctx *ctx, const struct provider *provider,
                                   const struct provider_event *event, struct bytes raw_body,
                                   enum webhook_outcome *outcome_out);

#endif
