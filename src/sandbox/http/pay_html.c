/* The pieces of HTML that all payment pages share. */
#include "pay_html.h"

#include <string.h>

/* Colours are variables, which the dark scheme redefines. Contrast is at least 4.5 in both. */
const char pay_html_css[] =
    ":root{color-scheme:light dark;--ground:#f4f5f8;--paper:#fff;--ink:#1c2333;--soft:#566074;"
    "--line:#c3cad6;--act:#3f4fc4;--on-act:#fff;--note:#ffd166;--on-note:#1c2333;"
    "--bad:#8f1d1d;--bad-ground:#fde8e8;--good:#1b5e2f;--good-ground:#e6f4ea}"
    "@media(prefers-color-scheme:dark){:root{--ground:#12151b;--paper:#1b1f27;--ink:#e8eaf0;"
    "--soft:#a7b0c0;--line:#465063;--act:#aab4ff;--on-act:#12151b;--note:#5c4708;"
    "--on-note:#ffe9b0;--bad:#ffb4b4;--bad-ground:#46201f;--good:#9be0b0;--good-ground:#173522}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}"
    ".banner{background:var(--note);color:var(--on-note);padding:.4rem 1rem;text-align:center;"
    "font-size:.85rem;font-weight:600}"
    "main{max-width:26rem;margin:3rem auto;padding:2rem;background:var(--paper);"
    "border:1px solid var(--line);border-radius:12px}"
    "h1{font-size:1.05rem;font-weight:600;margin:0;overflow-wrap:anywhere}"
    ".to{margin:0 0 .2rem;color:var(--soft);font-size:.9rem;overflow-wrap:anywhere}"
    "#amount{font-size:2.1rem;font-weight:700;line-height:1.2;margin:.6rem 0 1.5rem;"
    "overflow-wrap:anywhere}"
    "#message{padding:.7rem 1rem;border-radius:8px;background:var(--bad-ground);color:var(--bad);"
    "margin:0 0 1rem;overflow-wrap:anywhere}"
    "#message.calm{background:var(--good-ground);color:var(--good)}"
    "h1+#message{margin-top:1rem}"
    "form{margin:0 0 .7rem}"
    "button{width:100%;padding:.8rem;border:1px solid var(--line);border-radius:8px;"
    "background:var(--paper);color:inherit;font:inherit;cursor:pointer}"
    "button:hover{border-color:var(--act)}"
    "button:focus-visible{outline:3px solid var(--act);outline-offset:2px}"
    "button.primary{background:var(--act);border-color:var(--act);color:var(--on-act);"
    "font-weight:600}"
    "button.quiet{border-color:transparent;color:var(--soft)}"
    ".note{font-size:.8rem;color:var(--soft);margin:1.5rem 0 0;overflow-wrap:anywhere}"
    "@media(max-width:30rem){main{margin:1rem .75rem;padding:1.3rem 1.1rem}}";

void pay_html_begin(struct strbuf *html, const char *title, const char *provider)
{
    strbuf_add(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    strbuf_add_html(html, title);
    strbuf_add(html, "</title>\n<link rel=\"stylesheet\" href=\"/pay/style.css\">\n</head>\n"
                     "<body>\n");
    strbuf_addf(html, "<header class=\"banner\" id=\"test-mode\">TEST MODE: a sandbox of %s,"
                " no money moves here</header>\n<main>\n", provider);
}

void pay_html_end(struct strbuf *html)
{
    strbuf_add(html, "</main>\n</body>\n</html>\n");
}

/* "1234.50 USD" as "USD 1,234.50". */
static void add_grouped(struct strbuf *html, const char *amount)
{
    size_t size = strcspn(amount, " "), whole = strcspn(amount, ". ");

    strbuf_add_html(html, amount + size + (amount[size] == ' '));
    strbuf_add(html, " ");
    for (size_t i = 0; i < size; i++) {
        if (i > 0 && i < whole && (whole - i) % 3 == 0)
            strbuf_add(html, ",");
        strbuf_add_bytes(html, amount + i, 1);
    }
}

void pay_html_add_order(struct strbuf *html, const char *title, const char *to, const char *amount)
{
    strbuf_add(html, "<p class=\"to\">");
    strbuf_add_html(html, to);
    strbuf_add(html, "</p>\n<h1 id=\"title\">");
    strbuf_add_html(html, title);
    strbuf_add(html, "</h1>\n<p id=\"amount\">");
    add_grouped(html, amount);
    strbuf_add(html, "</p>\n");
}

void pay_html_add_shop(struct strbuf *to, const char *url)
{
    const char *host = url != NULL ? strstr(url, "://") : NULL;

    strbuf_add(to, "To ");
    if (host == NULL)
        strbuf_add(to, "the shop");
    else
        strbuf_add_bytes(to, host + 3, strcspn(host + 3, "/?#"));
}

void pay_html_add_message(struct strbuf *html, const char *message, bool is_calm)
{
    strbuf_addf(html, "<p id=\"message\" role=\"status\"%s>", is_calm ? " class=\"calm\"" : "");
    strbuf_add_html(html, message);
    strbuf_add(html, "</p>\n");
}

void pay_html_add_button(struct strbuf *html, const char *page, const struct pay_button *button)
{
    strbuf_addf(html, "<form method=\"post\" action=\"%s/%s\">"
                "<button id=\"%s\" class=\"%s\" type=\"submit\">%s</button></form>\n",
                page, button->id, button->id, button->style, button->label);
}

void pay_html_add_note(struct strbuf *html, const char *note)
{
    strbuf_add(html, "<p class=\"note\">");
    strbuf_add_html(html, note);
    strbuf_add(html, "</p>\n");
}

void pay_html_notice(struct strbuf *html, const char *title, const char *message)
{
    pay_html_begin(html, title, "a payment provider");
    strbuf_add(html, "<h1>");
    strbuf_add_html(html, title);
    strbuf_add(html, "</h1>\n");
    pay_html_add_message(html, message, false);
    pay_html_end(html);
}
