/*
 * stripe_control.h - the control operations on the played Stripe account.
 */
#ifndef PAYAPI_SANDBOX_CONTROL_STRIPE_CONTROL_H
#define PAYAPI_SANDBOX_CONTROL_STRIPE_CONTROL_H

#include "control_call.h"

/* Called around each act: settles what is due, and dates the act call->ago_s back. */
void stripe_control_begin(struct control_call *call);
void stripe_control_end(struct control_call *call);

/* The payer's and the bank's acts on a session; each answers with the session. */
void stripe_control_pay(struct control_call *call);             /* {"amount":n} */
void stripe_control_decline(struct control_call *call);         /* {"decline_code":".."} */
void stripe_control_require_action(struct control_call *call);
void stripe_control_authenticate(struct control_call *call);
void stripe_control_fail_authentication(struct control_call *call);
void stripe_control_expire(struct control_call *call);
void stripe_control_async_pay(struct control_call *call);
void stripe_control_async_succeed(struct control_call *call);
void stripe_control_async_fail(struct control_call *call);

/* The bank's acts on a refund; each answers with the refund. */
void stripe_control_refund_succeed(struct control_call *call);
void stripe_control_refund_fail(struct control_call *call);   /* {"after_s":n} */

/* A refund made in the dashboard: {"amount":n}, default the rest. */
void stripe_control_refund(struct control_call *call);

/*
 * The payer disputes: {"amount":n, "reason":"..", "inquiry":bool, "due_s":n}. Then the bank's acts;
 * each answers with the dispute.
 */
void stripe_control_dispute(struct control_call *call);
void stripe_control_dispute_review(struct control_call *call);
void stripe_control_dispute_escalate(struct control_call *call);
void stripe_control_dispute_close(struct control_call *call);   /* {"status":"won|lost|.."} */

/* {"refund_status":"succeeded|pending|requires_action|failed", "balance_delay_s":n} */
void stripe_control_settings(struct control_call *call);

/* The rows of the ledger; the number of sessions made. */
size_t stripe_control_add_ledger(struct stripe *stripe, struct ledger_rows *rows);

#endif
