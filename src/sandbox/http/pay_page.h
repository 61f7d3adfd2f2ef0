/*
 * pay_page.h - answers with a payment page: its headers, its style sheet.
 */
#ifndef PAYAPI_SANDBOX_HTTP_PAY_PAGE_H
#define PAYAPI_SANDBOX_HTTP_PAY_PAGE_H

#include "http.h"
#include "sandbox/kit/strbuf.h"

/*
 * Answers with the page, taken from html. Browsers apply form-action to redirects after a form too,
 * so success_url and cancel_url name where the payer may return; either may be NULL.
 */
void pay_page_answer(struct exchange *exchange, int status, struct strbuf *html,
                     const char *success_url, const char *cancel_url);

/* A page that only shows a message. */
void pay_page_answer_notice(struct exchange *exchange, int status, const char *title,
                            const char *message);

/* /pay/style.css, for all pages. */
void pay_page_answer_style(struct exchange *exchange);

#endif
