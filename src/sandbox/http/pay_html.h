/*
 * pay_html.h - what the payment pages of all providers have in common. Every value is escaped.
 */
#ifndef PAYAPI_SANDBOX_HTTP_PAY_HTML_H
#define PAYAPI_SANDBOX_HTTP_PAY_HTML_H

#include <stdbool.h>

#include "sandbox/kit/strbuf.h"

/* The style sheet, served as /pay/style.css. */
extern const char pay_html_css[];

/* A button that posts to the act named by its id, below the page. */
struct pay_button {
    const char *id;             /* of the element; also names the act */
    const char *label;
    const char *style;          /* "primary", "plain", "quiet" */
};

/* provider: the one whose page this plays, e.g. "Stripe". */
void pay_html_begin(struct strbuf *html, const char *title, const char *provider);
void pay_html_end(struct strbuf *html);

/*
 * What is paid for, to which shop or by whom, and how much, as "1234.50 USD"; shown as "USD
 * 1,234.50".
 */
void pay_html_add_order(struct strbuf *html, const char *title, const char *to, const char *amount);
/* "To shop.example", from an address of the shop; url may be NULL. */
void pay_html_add_shop(struct strbuf *to, const char *url);
void pay_html_add_message(struct strbuf *html, const char *message, bool is_calm);

/* page: the path of the page, as "/pay/cs_test_1". */
void pay_html_add_button(struct strbuf *html, const char *page, const struct pay_button *button);
void pay_html_add_note(struct strbuf *html, const char *note);

/* A page that only shows a message. */
void pay_html_notice(struct strbuf *html, const char *title, const char *message);

#endif
