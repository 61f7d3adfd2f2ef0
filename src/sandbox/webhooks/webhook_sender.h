/*
 * webhook_sender.h - the threads that send webhooks, each with a kept-alive connection.
 *
 * Every attempt is one JSON line on stderr.
 */
#ifndef PAYAPI_SANDBOX_WEBHOOKS_WEBHOOK_SENDER_H
#define PAYAPI_SANDBOX_WEBHOOKS_WEBHOOK_SENDER_H

#include "webhooks.h"

struct webhook_sender;

struct webhook_sender *webhook_sender_start(struct webhooks *webhooks);

/* Ends attempts under way and waits for the threads. */
void webhook_sender_stop(struct webhook_sender *sender);

#endif
