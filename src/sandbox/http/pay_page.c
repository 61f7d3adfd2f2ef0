/* Answers payment pages with their security headers. */
#include "pay_page.h"

#include <string.h>

#include "pay_html.h"
#include "sandbox/kit/alloc.h"

/* scheme://host:port of an http(s) URL, as a CSP source. */
static void add_origin(struct strbuf *csp, const char *url)
{
    size_t length;

    if (url == NULL)
        return;
    length = (size_t) (strstr(url, "://") + 3 - url);
    length += strcspn(url + length, "/?#;, '\"");
    strbuf_add(csp, " ");
    strbuf_add_bytes(csp, url, length);
}

static void add_page_headers(struct http_response *response, const char *success_url,
                             const char *cancel_url)
{
    struct strbuf csp = { 0 };

    strbuf_add(&csp, "default-src 'none'; style-src 'self'; base-uri 'none'; "
                     "frame-ancestors 'none'; form-action 'self'");
    add_origin(&csp, success_url);
    add_origin(&csp, cancel_url);
    http_add_header(response, "Content-Security-Policy", csp.bytes);
    http_add_header(response, "X-Content-Type-Options", "nosniff");
    http_add_header(response, "Referrer-Policy", "no-referrer");
    http_add_header(response, "Cache-Control", "no-store");
    strbuf_free(&csp);
}

void pay_page_answer(struct exchange *exchange, int status, struct strbuf *html,
                     const char *success_url, const char *cancel_url)
{
    http_answer(&exchange->response, status, "text/html; charset=utf-8", strbuf_take(html));
    add_page_headers(&exchange->response, success_url, cancel_url);
}

void pay_page_answer_notice(struct exchange *exchange, int status, const char *title,
                            const char *message)
{
    struct strbuf html = { 0 };

    pay_html_notice(&html, title, message);
    pay_page_answer(exchange, status, &html, NULL, NULL);
}

void pay_page_answer_style(struct exchange *exchange)
{
    http_answer(&exchange->response, 200, "text/css; charset=utf-8", alloc_dup(pay_html_css));
}
