/* Carries out a planned fault: delays, lost or cut answers, answers of a proxy. */
#include "fault_effects.h"

#include <string.h>

#include "sandbox/kit/alloc.h"
#include "sandbox/kit/sandbox_clock.h"
#include "sandbox/kit/strbuf.h"

#define HUGE_BODY_BYTES (10 * 1024 * 1024)

void fault_delay_before(struct sandbox_clock *clock, struct exchange *exchange)
{
    sandbox_clock_sleep_ms(clock, exchange->plan.before_ms);
}

/* The page of a load balancer that answers in place of the provider. */
static void answer_html(struct exchange *exchange)
{
    struct strbuf html = { 0 };

    strbuf_addf(&html, "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n"
                "<center><h1>%d %s</h1></center>\r\n</body>\r\n</html>\r\n",
                exchange->plan.status, http_reason(exchange->plan.status),
                exchange->plan.status, http_reason(exchange->plan.status));
    http_answer(&exchange->response, exchange->plan.status, "text/html", strbuf_take(&html));
}

bool fault_intercepts(struct exchange *exchange)
{
    if (exchange->plan.action == FAULT_RESET) {
        exchange->response.delivery = HTTP_RESET;
        return true;
    }
    if (exchange->plan.action == FAULT_LATE && exchange->plan.status == 0) {
        exchange->response.delivery = HTTP_LOSE;
        return true;
    }
    if (exchange->plan.action == FAULT_LATE ||
        (exchange->plan.action == FAULT_HTML && !exchange->plan.after_work)) {
        answer_html(exchange);
        return true;
    }
    return false;
}

/* Cuts the JSON in the middle; Content-Length fits the part that is sent. */
static void break_json(struct http_response *response)
{
    response->body_bytes /= 2;
    response->body[response->body_bytes] = '\0';
}

/* Well-formed JSON, far longer than any client should read. */
static void answer_huge(struct http_response *response)
{
    static const char head[] = "{\"object\":\"huge\",\"padding\":\"", tail[] = "\"}";
    char             *body = alloc_new(HUGE_BODY_BYTES + 1, 1);

    memset(body, 'x', HUGE_BODY_BYTES);
    memcpy(body, head, sizeof head - 1);
    memcpy(body + HUGE_BODY_BYTES - (sizeof tail - 1), tail, sizeof tail - 1);
    http_answer(response, response->status, "application/json", body);
}

void fault_spoil_answer(struct sandbox_clock *clock, struct exchange *exchange)
{
    struct http_response *response = &exchange->response;

    sandbox_clock_sleep_ms(clock, exchange->plan.after_ms);
    switch (exchange->plan.action) {
    case FAULT_LOSE_ANSWER: response->delivery = HTTP_LOSE;        break;
    case FAULT_CUT_HEADERS: response->delivery = HTTP_CUT_HEADERS; break;
    case FAULT_CUT_BODY:    response->delivery = HTTP_CUT_BODY;    break;
    case FAULT_MALFORMED:   break_json(response);                  break;
    case FAULT_HUGE:        answer_huge(response);                 break;
    case FAULT_HTML:        answer_html(exchange);                 break;
    case FAULT_NONE:
    case FAULT_LATENCY:
    case FAULT_HANG:
    case FAULT_STATUS:
    case FAULT_RESET:
    case FAULT_LATE:
    case FAULT_WRONG_AMOUNT:
    case FAULT_WRONG_CURRENCY:
        break;
    }
}
