/*
 * paystack_pay_html.h - the HTML of Paystack's payment page. Every value is escaped.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_PAY_HTML_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_PAY_HTML_H

#include "paystack.h"
#include "sandbox/kit/strbuf.h"

/* What the transaction offers now: the buttons, or how it ended. */
void paystack_pay_html_transaction(struct strbuf *html,
                                   const struct paystack_transaction *transaction);

/* The bank's page: give the OTP, or a wrong one. */
void paystack_pay_html_otp(struct strbuf *html, const struct paystack_transaction *transaction);

#endif
