/*
 * paystack_control.h - the control operations on the played Paystack account.
 */
#ifndef PAYAPI_SANDBOX_CONTROL_PAYSTACK_CONTROL_H
#define PAYAPI_SANDBOX_CONTROL_PAYSTACK_CONTROL_H

#include "control_call.h"

/* Called around each act: settles what is due, and dates the act call->ago_s back. */
void paystack_control_begin(struct control_call *call);
void paystack_control_end(struct control_call *call);

/* The payer's and the bank's acts on a transaction, by reference or id; answer with it. */
void paystack_control_pay(struct control_call *call);           /* {"amount":n} */
void paystack_control_decline(struct control_call *call);       /* {"gateway_response":".."} */
void paystack_control_require_action(struct control_call *call);
void paystack_control_authenticate(struct control_call *call);
void paystack_control_fail_authentication(struct control_call *call);
void paystack_control_abandon(struct control_call *call);
void paystack_control_expire(struct control_call *call);
void paystack_control_stick(struct control_call *call);         /* ongoing for ever */
void paystack_control_reverse(struct control_call *call);
void paystack_control_async_pay(struct control_call *call);     /* {"status":"pending"} */
void paystack_control_async_succeed(struct control_call *call);
void paystack_control_async_fail(struct control_call *call);

/* A refund made in the dashboard: {"amount":n}, default the rest. */
void paystack_control_refund(struct control_call *call);

/* The bank's acts on a refund; each answers with the refund. */
void paystack_control_refund_process(struct control_call *call);
void paystack_control_refund_succeed(struct control_call *call);
void paystack_control_refund_fail(struct control_call *call);   /* {"after_s":n} */
void paystack_control_refund_need_attention(struct control_call *call);

/*
 * A payer disputes: {"refund_amount":n, "category":"chargeback", "due_s":n}. Then the bank's acts;
 * each answers with the dispute.
 */
void paystack_control_dispute(struct control_call *call);
void paystack_control_dispute_remind(struct control_call *call);
void paystack_control_dispute_update(struct control_call *call);    /* {"status":".."} */
void paystack_control_dispute_resolve(struct control_call *call);   /* {"resolution":".."} */

/* See struct paystack_settings; answers with all of them. */
void paystack_control_settings(struct control_call *call);

/* The rows of the ledger. */
void paystack_control_add_ledger(struct paystack *paystack, struct ledger_rows *rows);

#endif
