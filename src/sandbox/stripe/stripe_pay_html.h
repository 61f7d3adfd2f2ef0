/*
 * stripe_pay_html.h - the HTML of Stripe's payment page. Every value is escaped.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_PAY_HTML_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_PAY_HTML_H

#include "sandbox/kit/strbuf.h"
#include "stripe.h"

/* What the session offers now: the buttons, or how it ended. */
void stripe_pay_html_session(struct strbuf *html, const struct stripe_session *session);

/* The bank's page: authenticate, or fail to. */
void stripe_pay_html_three_d_secure(struct strbuf *html, const struct stripe_session *session);

#endif
