/*
 * pay_page.h - how a payment page is answered: its headers, its style sheet.
 */
#ifndef PAYAPI_SANDBOX_HTTP_PAY_PAGE_H
#define PAYAPI_SANDBOX_HTTP_PAY_PAGE_H

#include "http.h"
#include "sandbox/kit/strbuf.h"

/*
 * The page, taken from html. Browsers hold redirects after a form to form-action too: success_url
 * and cancel_url name where the payer may return; either may be NULL.
 */
void pay_page_answer(struct exchange *exchange, int status, struct strbuf *html,
                     const char *success_url, const char *cancel_url);

/* A page that only says something. */
void pay_page_answer_notice(struct exchange *exchange, int status, const char *title,
                            const char *message);

/* /pay/style.css, of all pages. */
void pay_page_answer_style(struct exchange *exchange);

#endif
