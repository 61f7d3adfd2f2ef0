/* Shows the payment page and carries out what the payer chooses on it. */
#include "stripe_pay_page.h"

#include <string.h>

#include "sandbox/faults/fault_effects.h"
#include "sandbox/http/pay_page.h"
#include "stripe_api.h"
#include "stripe_moods.h"
#include "stripe_pay_html.h"
#include "stripe_payments.h"

static const char placeholder[] = "{CHECKOUT_SESSION_ID}";

/* Where the payer goes after an act. */
enum destination { TO_SUCCESS, TO_CANCEL, TO_PAGE, TO_BANK };

static const char *decline(struct stripe *stripe, struct stripe_session *session)
{
    return stripe_payment_decline(stripe, session, STRIPE_DECLINE_DEFAULT);
}

/* Leaving changes nothing: the session stays open. */
static const char *leave(struct stripe *stripe, struct stripe_session *session)
{
    (void) stripe;
    return session->cancel_url == NULL ? "This session has no way back." : NULL;
}

static const struct act {
    const char      *path;
    const char    *(*run)(struct stripe *stripe, struct stripe_session *session);
    enum destination destination;
} acts[] = {
    { "/pay/:id/pay", stripe_moods_pay, TO_SUCCESS },
    { "/pay/:id/decline", decline, TO_PAGE },
    { "/pay/:id/three-d-secure", stripe_payment_require_action, TO_BANK },
    { "/pay/:id/authenticate", stripe_payment_authenticate, TO_SUCCESS },
    { "/pay/:id/fail-authentication", stripe_payment_fail_authentication, TO_PAGE },
    { "/pay/:id/bank-debit", stripe_payment_async_pay, TO_SUCCESS },
    { "/pay/:id/leave", leave, TO_CANCEL },
};

/* success_url with the session's id filled in. */
static void add_success_url(struct strbuf *url, const struct stripe_session *session)
{
    const char *rest = session->success_url;

    for (const char *mark; (mark = strstr(rest, placeholder)) != NULL;
         rest = mark + sizeof placeholder - 1) {
        strbuf_add_bytes(url, rest, (size_t) (mark - rest));
        strbuf_add(url, session->item.id);
    }
    strbuf_add(url, rest);
}

static void send_payer(struct exchange *exchange, const struct stripe_session *session,
                       enum destination destination)
{
    struct strbuf url = { 0 };

    switch (destination) {
    case TO_SUCCESS: add_success_url(&url, session);                             break;
    case TO_CANCEL:  strbuf_add(&url, session->cancel_url);                        break;
    case TO_PAGE:    strbuf_addf(&url, "/pay/%s", session->item.id);               break;
    case TO_BANK:    strbuf_addf(&url, "/pay/%s/three-d-secure", session->item.id); break;
    }
    http_answer_see_other(&exchange->response, url.bytes);
    strbuf_free(&url);
}

static void do_act(struct stripe *stripe, struct exchange *exchange, const struct act *act,
                   struct stripe_session *session)
{
    const char *why = act->run(stripe, session);

    if (why == NULL)
        send_payer(exchange, session, act->destination);
    else if (session->status == SESSION_COMPLETE && act->destination == TO_SUCCESS)
        send_payer(exchange, session, TO_SUCCESS);      /* the button was pressed twice */
    else
        pay_page_answer_notice(exchange, 409, "Not possible", why);
}

static bool show_page(struct exchange *exchange, const struct stripe_session *session,
                      void (*show)(struct strbuf *html, const struct stripe_session *session))
{
    struct strbuf html = { 0 };

    show(&html, session);
    pay_page_answer(exchange, session->status == SESSION_EXPIRED ? 410 : 200, &html,
                    session->success_url, session->cancel_url);
    return true;
}

/* False when the path leads nowhere. */
static bool answer_get(struct stripe *stripe, struct exchange *exchange)
{
    const char            *path = exchange->request.path;
    struct stripe_session *session;
    char                   id[ITEM_ID_BYTES];

    if (http_path_matches("/pay/:id", path, id, sizeof id) &&
        (session = collection_find(&stripe->sessions, id)) != NULL)
        return show_page(exchange, session, stripe_pay_html_session);
    if (http_path_matches("/pay/:id/three-d-secure", path, id, sizeof id) &&
        (session = collection_find(&stripe->sessions, id)) != NULL) {
        if (session->intent != NULL && session->intent->status == INTENT_REQUIRES_ACTION)
            return show_page(exchange, session, stripe_pay_html_three_d_secure);
        send_payer(exchange, session, TO_PAGE);
        return true;
    }
    return false;
}

static bool answer_post(struct stripe *stripe, struct exchange *exchange)
{
    struct stripe_session *session;
    char                   id[ITEM_ID_BYTES];

    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        if (!http_path_matches(acts[i].path, exchange->request.path, id, sizeof id))
            continue;
        session = collection_find(&stripe->sessions, id);
        if (session == NULL)
            return false;
        do_act(stripe, exchange, &acts[i], session);
        return true;
    }
    return false;
}

void stripe_pay_page_handle(struct stripe *stripe, struct exchange *exchange)
{
    bool is_get = strcmp(exchange->request.method, "GET") == 0;
    bool is_answered;

    fault_delay_before(stripe->clock, exchange);
    stripe_lock(stripe);
    stripe_settle_due(stripe);
    is_answered = is_get ? answer_get(stripe, exchange)
                         : strcmp(exchange->request.method, "POST") == 0 &&
                           answer_post(stripe, exchange);
    stripe_unlock(stripe);
    if (!is_answered)
        pay_page_answer_notice(exchange, 404, "Not found", "There is no such payment page.");
}
