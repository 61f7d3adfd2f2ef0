/*
 * paystack_payments.h - what happens to money: the payer's acts and the bank's answers.
 *
 * Each act changes the transaction and emits an event where Paystack would: only on success. It
 * returns NULL, or why it is impossible in this state (static text) and changes nothing. Call with
 * the lock held.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_PAYMENTS_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_PAYMENTS_H

#include "paystack.h"

#define PAYSTACK_DECLINE_DEFAULT "Insufficient Funds"
#define PAYSTACK_NOT_COMPLETED   "The transaction was not completed"

/* The payer pays by card; possible after a decline too. */
const char *paystack_payment_pay(struct paystack *paystack,
                                 struct paystack_transaction *transaction);

/* The same with another amount than asked for, as a bank transfer may bring. */
const char *paystack_payment_pay_amount(struct paystack *paystack,
                                        struct paystack_transaction *transaction, int64_t amount);

/* The bank declines, in these words; the payer may try again. */
const char *paystack_payment_decline(struct paystack *paystack,
                                     struct paystack_transaction *transaction,
                                     const char *gateway_response);

/* The bank asks for an OTP; then the payer gives it, gives a wrong one, or walks away. */
const char *paystack_payment_require_action(struct paystack *paystack,
                                            struct paystack_transaction *transaction);
const char *paystack_payment_authenticate(struct paystack *paystack,
                                          struct paystack_transaction *transaction);
const char *paystack_payment_fail_authentication(struct paystack *paystack,
                                                 struct paystack_transaction *transaction);
const char *paystack_payment_abandon(struct paystack *paystack,
                                     struct paystack_transaction *transaction);

/* The bank takes its time (status: pending, processing or queued); then it pays or does not. */
const char *paystack_payment_async_pay(struct paystack *paystack,
                                       struct paystack_transaction *transaction,
                                       enum paystack_status status);
const char *paystack_payment_async_succeed(struct paystack *paystack,
                                           struct paystack_transaction *transaction);
const char *paystack_payment_async_fail(struct paystack *paystack,
                                        struct paystack_transaction *transaction);

/* The page is closed for good and takes no more money. */
const char *paystack_payment_expire(struct paystack *paystack,
                                    struct paystack_transaction *transaction);

/* The bank asks for an OTP for ever: the transaction stays ongoing, and no act ends it. */
const char *paystack_payment_stick(struct paystack *paystack,
                                   struct paystack_transaction *transaction);

/* The bank takes back what is left: reversed, without a refund, a dispute or an event. */
const char *paystack_payment_reverse(struct paystack *paystack,
                                     struct paystack_transaction *transaction);

/* Sets the transaction to reversed once refunds and disputes have returned all of it. */
void paystack_payment_note_return(struct paystack_transaction *transaction);

/* Whether the payer can still act on the page. */
bool paystack_payment_is_open(const struct paystack_transaction *transaction);

#endif
