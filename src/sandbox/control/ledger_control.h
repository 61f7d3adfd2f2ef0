/*
 * ledger_control.h - what really happened to money at each provider; end-to-end tests check it.
 */
#ifndef PAYAPI_SANDBOX_CONTROL_LEDGER_CONTROL_H
#define PAYAPI_SANDBOX_CONTROL_LEDGER_CONTROL_H

#include "control_call.h"

/* GET /_sandbox/ledger */
void ledger_control_get(struct control_call *call);

#endif
