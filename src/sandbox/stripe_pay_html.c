#include "stripe_pay_html.h"

#include "stripe_currency.h"

const char stripe_pay_css[] =
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

struct button {
    const char *id;             /* of the element, and the act its form posts */
    const char *label;
    const char *style;
};

static const struct button open_buttons[] = {
    { "pay", "Pay with card", "primary" },
    { "decline", "Decline (insufficient funds)", "plain" },
    { "three-d-secure", "3-D Secure", "plain" },
    { "bank-debit", "Bank debit (asynchronous)", "plain" },
};

static const struct button leave_button = { "leave", "Leave", "quiet" };

static const struct button bank_buttons[] = {
    { "authenticate", "Authenticate", "primary" },
    { "fail-authentication", "Fail authentication", "plain" },
};

static void begin_page(struct text *html, const char *title)
{
    text_add(html, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    text_add_html(html, title);
    text_add(html, "</title>\n<link rel=\"stylesheet\" href=\"/pay/style.css\">\n</head>\n<body>\n"
             "<div class=\"banner\" id=\"test-mode\">TEST MODE: no money moves here</div>\n"
             "<main>\n");
}

static void end_page(struct text *html)
{
    text_add(html, "</main>\n</body>\n</html>\n");
}

static void add_order(struct text *html, const struct stripe_session *session)
{
    struct text amount = { 0 };

    stripe_currency_add(&amount, session->amount, session->currency);
    text_add(html, "<h1 id=\"title\">");
    text_add_html(html, session->title);
    text_addf(html, "</h1>\n<p id=\"amount\">%s</p>\n", amount.bytes);
    text_free(&amount);
}

static void add_message(struct text *html, const char *message, bool is_calm)
{
    text_addf(html, "<p id=\"message\" role=\"status\"%s>", is_calm ? " class=\"calm\"" : "");
    text_add_html(html, message);
    text_add(html, "</p>\n");
}

static void add_button(struct text *html, const struct stripe_session *session,
                       const struct button *button)
{
    text_addf(html, "<form method=\"post\" action=\"/pay/%s/%s\">"
              "<button id=\"%s\" class=\"%s\" type=\"submit\">%s</button></form>\n",
              session->item.id, button->id, button->id, button->style, button->label);
}

static void add_open_session(struct text *html, const struct stripe_session *session)
{
    const json_t *error = session->intent == NULL ? NULL : session->intent->last_payment_error;

    if (error != NULL)
        add_message(html, json_string_value(json_object_get(error, "message")), false);
    for (size_t i = 0; i < sizeof open_buttons / sizeof open_buttons[0]; i++)
        add_button(html, session, &open_buttons[i]);
    if (session->cancel_url != NULL)
        add_button(html, session, &leave_button);
}

static void add_complete_session(struct text *html, const struct stripe_session *session)
{
    add_message(html, session->is_paid ? "This order is paid." :
                "The bank debit is under way; the order is paid once it succeeds.", true);
}

void stripe_pay_html_session(struct text *html, const struct stripe_session *session)
{
    begin_page(html, "Pay (test mode)");
    add_order(html, session);
    switch (session->status) {
    case SESSION_OPEN:     add_open_session(html, session);                      break;
    case SESSION_COMPLETE: add_complete_session(html, session);                  break;
    case SESSION_EXPIRED:  add_message(html, "This page has expired.", false);   break;
    }
    text_addf(html, "<p class=\"note\">%s</p>\n", session->item.id);
    end_page(html);
}

void stripe_pay_html_three_d_secure(struct text *html, const struct stripe_session *session)
{
    begin_page(html, "3-D Secure (test mode)");
    add_order(html, session);
    text_add(html, "<p>Your bank wants to know that it is you.</p>\n");
    for (size_t i = 0; i < sizeof bank_buttons / sizeof bank_buttons[0]; i++)
        add_button(html, session, &bank_buttons[i]);
    end_page(html);
}

void stripe_pay_html_notice(struct text *html, const char *title, const char *message)
{
    begin_page(html, title);
    text_add(html, "<h1>");
    text_add_html(html, title);
    text_add(html, "</h1>\n");
    add_message(html, message, false);
    end_page(html);
}
