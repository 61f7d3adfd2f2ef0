/* The HTML of Stripe's payment page. */
#include "stripe_pay_html.h"

#include <stdio.h>

#include "sandbox/http/pay_html.h"
#include "stripe_currency.h"

static const struct pay_button open_buttons[] = {
    { "pay", "Pay with card", "primary" },
    { "decline", "Decline (insufficient funds)", "plain" },
    { "three-d-secure", "3-D Secure", "plain" },
    { "bank-debit", "Bank debit (asynchronous)", "plain" },
};

static const struct pay_button leave_button = { "leave", "Leave", "quiet" };

static const struct pay_button bank_buttons[] = {
    { "authenticate", "Authenticate", "primary" },
    { "fail-authentication", "Fail authentication", "plain" },
};

/* The sandbox does not know the shop's name, so it shows the address that the payer returns to. */
static void add_order(struct strbuf *html, const struct stripe_session *session)
{
    struct strbuf amount = { 0 }, to = { 0 };

    stripe_currency_add(&amount, session->amount, session->currency);
    pay_html_add_shop(&to, session->success_url);
    pay_html_add_order(html, session->title, to.bytes, amount.bytes);
    strbuf_free(&to);
    strbuf_free(&amount);
}

static void add_button(struct strbuf *html, const struct stripe_session *session,
                       const struct pay_button *button)
{
    char page[ITEM_ID_BYTES + 8];

    snprintf(page, sizeof page, "/pay/%s", session->item.id);
    pay_html_add_button(html, page, button);
}

static void add_open_session(struct strbuf *html, const struct stripe_session *session)
{
    const json_t *error = session->intent == NULL ? NULL : session->intent->last_payment_error;

    if (error != NULL)
        pay_html_add_message(html, json_string_value(json_object_get(error, "message")), false);
    for (size_t i = 0; i < sizeof open_buttons / sizeof open_buttons[0]; i++)
        add_button(html, session, &open_buttons[i]);
    if (session->cancel_url != NULL)
        add_button(html, session, &leave_button);
}

static void add_complete_session(struct strbuf *html, const struct stripe_session *session)
{
    pay_html_add_message(html, session->is_paid ? "This order is paid." :
                "The bank debit is under way; the order is paid once it succeeds.", true);
}

void stripe_pay_html_session(struct strbuf *html, const struct stripe_session *session)
{
    pay_html_begin(html, "Pay (test mode)", "Stripe");
    add_order(html, session);
    switch (session->status) {
    case SESSION_OPEN:     add_open_session(html, session);                      break;
    case SESSION_COMPLETE: add_complete_session(html, session);                  break;
    case SESSION_EXPIRED:  pay_html_add_message(html, "This page has expired.", false);   break;
    }
    pay_html_add_note(html, session->item.id);
    pay_html_end(html);
}

void stripe_pay_html_three_d_secure(struct strbuf *html, const struct stripe_session *session)
{
    pay_html_begin(html, "3-D Secure (test mode)", "Stripe");
    add_order(html, session);
    strbuf_add(html, "<p>Your bank wants to confirm that it is you.</p>\n");
    for (size_t i = 0; i < sizeof bank_buttons / sizeof bank_buttons[0]; i++)
        add_button(html, session, &bank_buttons[i]);
    pay_html_end(html);
}
