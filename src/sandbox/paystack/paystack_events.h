/*
 * paystack_events.h - changes as webhooks: {"event":..,"data":..}, without an id of their own.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_EVENTS_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_EVENTS_H

#include "paystack.h"

/*
 * Hands the event to the webhooks, which keep the order within its transaction. data is adopted.
 * Call it with the lock held.
 */
void paystack_event_emit(struct paystack *paystack, const char *event,
                         const struct paystack_transaction *transaction, json_t *data);

#endif
