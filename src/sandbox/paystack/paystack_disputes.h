/*
 * paystack_disputes.h - a payer asks the bank for the money back.
 *
 * The money of a dispute goes back to the payer if it is accepted, or not answered by the due time;
 * the merchant keeps it if it is declined. Each act emits the event that Paystack would. Call with
 * the lock held.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_DISPUTES_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_DISPUTES_H

#include "paystack.h"

#define PAYSTACK_DISPUTE_DUE_S (24 * 3600)

/*
 * A new dispute over amount (0: what is left), due in due_s seconds. NULL with the reason in
 * *why_out (static).
 */
struct paystack_dispute *paystack_dispute_make(struct paystack *paystack,
                                               struct paystack_transaction *transaction,
                                               int64_t amount, const char *category,
                                               int64_t due_s, const char **why_out);

/* These three return NULL, or say why not (static). */
const char *paystack_dispute_remind(struct paystack *paystack, struct paystack_dispute *dispute);

/* Moves it to one of the open states or to the archive, without an event. */
const char *paystack_dispute_move(struct paystack *paystack, struct paystack_dispute *dispute,
                                  enum paystack_dispute_status status);

/* amount: what goes back if it is accepted; 0: what was asked for. */
const char *paystack_dispute_resolve(struct paystack *paystack, struct paystack_dispute *dispute,
                                     enum paystack_resolution resolution, int64_t amount);

/* Appends to its messages. */
void paystack_dispute_add_message(struct paystack *paystack, struct paystack_dispute *dispute,
                                  const char *sender, const char *body);

/* Accepts the disputes that nobody answered in time. */
void paystack_disputes_settle_due(struct paystack *paystack);

#endif
