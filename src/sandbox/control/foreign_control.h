/*
 * foreign_control.h - another program on the account makes a payment that looks like one of ours.
 */
#ifndef PAYAPI_SANDBOX_CONTROL_FOREIGN_CONTROL_H
#define PAYAPI_SANDBOX_CONTROL_FOREIGN_CONTROL_H

#include "control_call.h"

/*
 * POST /_sandbox/foreign {"like": a session's id, or a transaction's reference or id, "amount",
 * "metadata": members to change (null removes one), "pay": bool}; answers with the object.
 */
void foreign_control_make(struct control_call *call);

#endif
