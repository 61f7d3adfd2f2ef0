/* The HTML of Paystack's payment page. */
#include "paystack_pay_html.h"

#include <stdio.h>

#include "paystack_payments.h"
#include "sandbox/http/pay_html.h"

static const struct pay_button open_buttons[] = {
    { "pay", "Pay with card", "primary" },
    { "decline", "Decline (insufficient funds)", "plain" },
    { "otp", "Ask for an OTP", "plain" },
    { "bank-transfer", "Bank transfer (asynchronous)", "plain" },
    { "leave", "Leave", "quiet" },
};

static const struct pay_button otp_buttons[] = {
    { "authenticate", "Authenticate", "primary" },
    { "fail-authentication", "Fail authentication", "plain" },
    { "leave", "Leave", "quiet" },
};

static void begin(struct strbuf *html, const char *title,
                  const struct paystack_transaction *transaction)
{
    const char *order = json_string_value(json_object_get(transaction->metadata, "order_id"));
    struct strbuf amount = { 0 }, to = { 0 }, what = { 0 };

    paystack_currency_add(&amount, transaction->amount, transaction->currency);
    pay_html_add_shop(&to, transaction->callback_url);
    strbuf_addf(&to, ", from %s", transaction->email);
    strbuf_addf(&what, "%s%s", order != NULL ? "Order " : "Payment", order != NULL ? order : "");
    pay_html_begin(html, title, "Paystack");
    pay_html_add_order(html, what.bytes, to.bytes, amount.bytes);
    strbuf_free(&what);
    strbuf_free(&to);
    strbuf_free(&amount);
}

static void add_buttons(struct strbuf *html, const struct paystack_transaction *transaction,
                        const struct pay_button *buttons, size_t count)
{
    char page[80];

    snprintf(page, sizeof page, "/checkout/%s", transaction->access_code);
    for (size_t i = 0; i < count; i++)
        pay_html_add_button(html, page, &buttons[i]);
}

/* How it ended, or why nothing can be done now. */
static void add_end(struct strbuf *html, const struct paystack_transaction *transaction)
{
    if (transaction->paid_at_s != 0)
        pay_html_add_message(html, "This transaction is paid.", true);
    else if (transaction->is_closed)
        pay_html_add_message(html, "This page has expired.", false);
    else
        pay_html_add_message(
            html, "The bank is processing it; the transaction is paid once it succeeds.", true);
}

void paystack_pay_html_transaction(struct strbuf *html,
                                   const struct paystack_transaction *transaction)
{
    begin(html, "Pay (test mode)", transaction);
    if (!paystack_payment_is_open(transaction)) {
        add_end(html, transaction);
    } else {
        if (transaction->status == PAYSTACK_FAILED)
            pay_html_add_message(html, transaction->gateway_response, false);
        add_buttons(html, transaction, open_buttons,
                    sizeof open_buttons / sizeof open_buttons[0]);
    }
    pay_html_add_note(html, transaction->reference);
    pay_html_end(html);
}

void paystack_pay_html_otp(struct strbuf *html, const struct paystack_transaction *transaction)
{
    begin(html, "OTP (test mode)", transaction);
    strbuf_add(html, "<p>Your bank wants to confirm that it is you.</p>\n");
    add_buttons(html, transaction, otp_buttons, sizeof otp_buttons / sizeof otp_buttons[0]);
    pay_html_end(html);
}
