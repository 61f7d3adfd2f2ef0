/*
 * webhook_control.h - the control operations on the webhooks of both providers.
 */
#ifndef PAYAPI_SANDBOX_CONTROL_WEBHOOK_CONTROL_H
#define PAYAPI_SANDBOX_CONTROL_WEBHOOK_CONTROL_H

#include "control_call.h"

/* {"provider":"..", ...}: without a provider both are set; url and secret need one. */
void webhook_control_configure(struct control_call *call);

/* Sends what is on hold. */
void webhook_control_flush(struct control_call *call);

/* Sends one event again. */
void webhook_control_resend(struct control_call *call);

/* {"provider":"..","type":"..","body":{..}}: any body, signed and sent like an event. */
void webhook_control_send(struct control_call *call);

/* Every event with its attempts. */
void webhook_control_describe(struct control_call *call);

#endif
