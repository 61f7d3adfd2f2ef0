#include "pay_html.h"

const char pay_html_css[] =
    "*{box-sizing:border-box}"
    "body{margin:0;background:#f4f5f8;color:#1c2333;font:16px/1.5 system-ui,sans-serif}"
    ".banner{background:#ffd166;padding:.4rem 1rem;text-align:center;font-size:.85rem;"
    "font-weight:600}"
    "main{max-width:26rem;margin:3rem auto;padding:2rem;background:#fff;border-radius:12px;"
    "box-shadow:0 4px 24px rgba(28,35,51,.1)}"
    "h1{font-size:1rem;font-weight:500;margin:0;color:#5a6478;overflow-wrap:anywhere}"
    "#amount{font-size:2.2rem;font-weight:700;margin:.2rem 0 1.5rem}"
    "#message{padding:.7rem 1rem;border-radius:8px;background:#fde8e8;color:#8f1d1d;"
    "margin:0 0 1rem}"
    "#message.calm{background:#e6f4ea;color:#1b5e2f}"
    "form{margin:0 0 .7rem}"
    "button{width:100%;padding:.8rem;border:1px solid #cdd3df;border-radius:8px;background:#fff;"
    "color:inherit;font:inherit;cursor:pointer}"
    "button:hover,button:focus-visible{border-color:#4b5bd6;outline:2px solid #c9cff7}"
    "button.primary{background:#4b5bd6;border-color:#4b5bd6;color:#fff;font-weight:600}"
    "button.quiet{border-color:transparent;color:#5a6478}"
    ".note{font-size:.8rem;color:#5a6478;margin:1.5rem 0 0;overflow-wrap:anywhere}";

void pay_html_begin(struct text *html, const char *title)
{
    text_add(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    text_add_html(html, title);
    text_add(html, "</title>\n<link rel=\"stylesheet\" href=\"/pay/style.css\">\n</head>\n<body>\n"
             "<div class=\"banner\" id=\"test-mode\">TEST MODE: no money moves here</div>\n"
             "<main>\n");
}

void pay_html_end(struct text *html)
{
    text_add(html, "</main>\n</body>\n</html>\n");
}

void pay_html_add_order(struct text *html, const char *title, const char *amount)
{
    text_add(html, "<h1 id=\"title\">");
    text_add_html(html, title);
    text_addf(html, "</h1>\n<p id=\"amount\">%s</p>\n", amount);
}

void pay_html_add_message(struct text *html, const char *message, bool is_calm)
{
    text_addf(html, "<p id=\"message\" role=\"status\"%s>", is_calm ? " class=\"calm\"" : "");
    text_add_html(html, message);
    text_add(html, "</p>\n");
}

void pay_html_add_button(struct text *html, const char *page, const struct pay_button *button)
{
    text_addf(html, "<form method=\"post\" action=\"%s/%s\">"
              "<button id=\"%s\" class=\"%s\" type=\"submit\">%s</button></form>\n",
              page, button->id, button->id, button->style, button->label);
}

void pay_html_add_note(struct text *html, const char *note)
{
    text_add(html, "<p class=\"note\">");
    text_add_html(html, note);
    text_add(html, "</p>\n");
}

void pay_html_notice(struct text *html, const char *title, const char *message)
{
    pay_html_begin(html, title);
    text_add(html, "<h1>");
    text_add_html(html, title);
    text_add(html, "</h1>\n");
    pay_html_add_message(html, message, false);
    pay_html_end(html);
}
