/* Shows the payment page and carries out what the payer chooses on it. */
#include "paystack_pay_page.h"

#include <string.h>

#include "paystack_moods.h"
#include "paystack_pay_html.h"
#include "paystack_payments.h"
#include "sandbox/faults/fault_effects.h"
#include "sandbox/http/pay_page.h"

/* Where the payer goes after an act. */
enum destination { TO_CALLBACK, TO_CANCEL, TO_PAGE, TO_OTP };

static const char *decline(struct paystack *paystack, struct paystack_transaction *transaction)
{
    return paystack_payment_decline(paystack, transaction, PAYSTACK_DECLINE_DEFAULT);
}

static const char *transfer(struct paystack *paystack, struct paystack_transaction *transaction)
{
    return paystack_payment_async_pay(paystack, transaction, PAYSTACK_PENDING);
}

static const struct act {
    const char      *path;
    const char    *(*run)(struct paystack *paystack, struct paystack_transaction *transaction);
    enum destination destination;
} acts[] = {
    { "/checkout/:id/pay", paystack_moods_pay, TO_CALLBACK },
    { "/checkout/:id/decline", decline, TO_PAGE },
    { "/checkout/:id/otp", paystack_payment_require_action, TO_OTP },
    { "/checkout/:id/authenticate", paystack_payment_authenticate, TO_CALLBACK },
    { "/checkout/:id/fail-authentication", paystack_payment_fail_authentication, TO_PAGE },
    { "/checkout/:id/bank-transfer", transfer, TO_CALLBACK },
    { "/checkout/:id/leave", paystack_payment_abandon, TO_CANCEL },
};

static bool is_url(const char *text)
{
    return text != NULL &&
           (strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0);
}

/* Where a payer who leaves is sent: metadata.cancel_action; NULL without one. */
static const char *cancel_url(const struct paystack_transaction *transaction)
{
    const char *url =
        json_string_value(json_object_get(transaction->metadata, "cancel_action"));

    return is_url(url) ? url : NULL;
}

/* Of the characters allowed in a reference, only = has a meaning in a query. */
static void add_query_value(struct strbuf *url, const char *reference)
{
    for (const char *c = reference; *c != '\0'; c++)
        if (*c == '=')
            strbuf_add(url, "%3D");
        else
            strbuf_add_bytes(url, c, 1);
}

/* callback_url?trxref=..&reference=.. */
static void add_callback(struct strbuf *url, const struct paystack_transaction *transaction)
{
    strbuf_add(url, transaction->callback_url);
    strbuf_add(url, strchr(transaction->callback_url, '?') == NULL ? "?trxref=" : "&trxref=");
    add_query_value(url, transaction->reference);
    strbuf_add(url, "&reference=");
    add_query_value(url, transaction->reference);
}

/* Redirects the payer; without an address to return to, back to the page. */
static void send_payer(struct exchange *exchange, const struct paystack_transaction *transaction,
                       enum destination destination)
{
    const char *cancel = cancel_url(transaction);
    struct strbuf url = { 0 };

    if (destination == TO_CALLBACK && transaction->callback_url != NULL)
        add_callback(&url, transaction);
    else if (destination == TO_CANCEL && cancel != NULL)
        strbuf_add(&url, cancel);
    else
        strbuf_addf(&url, "/checkout/%s%s", transaction->access_code,
                    destination == TO_OTP ? "/otp" : "");
    http_answer_see_other(&exchange->response, url.bytes);
    strbuf_free(&url);
}

static void do_act(struct paystack *paystack, struct exchange *exchange, const struct act *act,
                   struct paystack_transaction *transaction)
{
    const char *why = act->run(paystack, transaction);

    if (why == NULL)
        send_payer(exchange, transaction, act->destination);
    else if (transaction->paid_at_s != 0 && act->destination == TO_CALLBACK)
        send_payer(exchange, transaction, TO_CALLBACK); /* the button was pressed twice */
    else
        pay_page_answer_notice(exchange, 409, "Not possible", why);
}

static bool show_page(struct exchange *exchange, const struct paystack_transaction *transaction,
                      void (*show)(struct strbuf *html,
                                   const struct paystack_transaction *transaction))
{
    struct strbuf html = { 0 };

    show(&html, transaction);
    pay_page_answer(exchange, transaction->is_closed ? 410 : 200, &html,
                    transaction->callback_url, cancel_url(transaction));
    return true;
}

/* False when the path leads nowhere. */
static bool answer_get(struct paystack *paystack, struct exchange *exchange)
{
    const char                        *path = exchange->request.path;
    const struct paystack_transaction *transaction;
    char                               code[ITEM_ID_BYTES];

    if (http_path_matches("/checkout/:id", path, code, sizeof code) &&
        (transaction = table_find(paystack->by_access_code, code)) != NULL)
        return show_page(exchange, transaction, paystack_pay_html_transaction);
    if (http_path_matches("/checkout/:id/otp", path, code, sizeof code) &&
        (transaction = table_find(paystack->by_access_code, code)) != NULL) {
        if (transaction->status == PAYSTACK_ONGOING)
            return show_page(exchange, transaction, paystack_pay_html_otp);
        send_payer(exchange, transaction, TO_PAGE);
        return true;
    }
    return false;
}

static bool answer_post(struct paystack *paystack, struct exchange *exchange)
{
    struct paystack_transaction *transaction;
    char                         code[ITEM_ID_BYTES];

    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (!http_path_matches(acts[i].path, exchange->request.path, code, sizeof code))
            continue;
        transaction = table_find(paystack->by_access_code, code);
        if (transaction == NULL)
            return false;
        do_act(paystack, exchange, &acts[i], transaction);
        return true;
    }
    return false;
}

void paystack_pay_page_handle(struct paystack *paystack, struct exchange *exchange)
{
    const char *method = exchange->request.method;
    bool        is_answered;

    fault_delay_before(paystack->clock, exchange);
    paystack_lock(paystack);
    is_answered = strcmp(method, "GET") == 0
                      ? answer_get(paystack, exchange)
                      : strcmp(method, "POST") == 0 && answer_post(paystack, exchange);
    paystack_unlock(paystack);
    if (!is_answered)
        pay_page_answer_notice(exchange, 404, "Not found", "There is no such payment page.");
}
