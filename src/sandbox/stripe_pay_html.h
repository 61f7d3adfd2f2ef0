/*
 * stripe_pay_html.h - the HTML of the payment page. Every value is escaped.
 */
#ifndef SANDBOX_STRIPE_PAY_HTML_H
#define SANDBOX_STRIPE_PAY_HTML_H

#include "stripe.h"
#include "text.h"

/* The style sheet, served as /pay/style.css. */
extern const char stripe_pay_css[];

/* What the session offers now: the buttons, or how it ended. */
void stripe_pay_html_session(struct text *html, const struct stripe_session *session);

/* The bank's page: authenticate, or fail to. */
void stripe_pay_html_three_d_secure(struct text *html, const struct stripe_session *session);

/* A page that only says something. */
void stripe_pay_html_notice(struct text *html, const char *title, const char *message);

#endif
