/* Routes each request to its provider, applies the faults planned for it, and does what is due. */
#include "play.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/control/guide.h"
#include "sandbox/faults/fault_effects.h"
#include "sandbox/http/pay_page.h"
#include "sandbox/http/provider_paths.h"
#include "sandbox/kit/alloc.h"
#include "sandbox/kit/strbuf.h"
#include "sandbox/paystack/paystack_api.h"
#include "sandbox/paystack/paystack_pay_page.h"
#include "sandbox/stripe/stripe_api.h"
#include "sandbox/stripe/stripe_pay_page.h"

static bool begins_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/*
 * Whether a segment is an id: ids have an underscore and a digit or capital letter, the words in
 * our paths do not.
 */
static bool is_id(const char *segment, size_t length)
{
    bool has_underscore = memchr(segment, '_', length) != NULL, has_mark = false;

    for (size_t i = 0; i < length; i++)
        has_mark |= isdigit((unsigned char) segment[i]) || isupper((unsigned char) segment[i]);
    return has_underscore && has_mark;
}

/* "/v1/refunds/:id/cancel": the path under which requests are counted. */
static char *operation_of(const char *path)
{
    const char *of_paystack = paystack_api_operation(path);
    struct strbuf operation = { 0 };

    if (of_paystack != NULL)
        return alloc_dup(of_paystack);
    while (*path == '/') {
        size_t length = strcspn(path + 1, "/");

        strbuf_add(&operation, "/");
        if (is_id(path + 1, length))
            strbuf_add(&operation, ":id");
        else
            strbuf_add_bytes(&operation, path + 1, length);
        path += length + 1;
    }
    return strbuf_take(&operation);
}

static void answer_provider(struct world *world, struct exchange *exchange)
{
    const char *path = exchange->request.path;

    if (begins_with(path, "/v1/") || begins_with(path, "/v2/"))
        stripe_api_handle(world->stripe, exchange);
    else if (strcmp(path, "/") == 0)
        guide_answer(world, exchange);
    else if (strcmp(path, GUIDE_STYLE_PATH) == 0)
        guide_answer_style(exchange);
    else if (strcmp(path, "/pay/style.css") == 0)
        pay_page_answer_style(exchange);
    else if (begins_with(path, "/pay/"))
        stripe_pay_page_handle(world->stripe, exchange);
    else if (begins_with(path, "/checkout/"))
        paystack_pay_page_handle(world->paystack, exchange);
    else if (exchange->request.provider != NULL)
        paystack_api_handle(world->paystack, exchange);
    else                /* Paystack's API has no root of its own */
        paystack_api_answer_nowhere(world->paystack, exchange);
}

void play_exchange(struct world *world, struct exchange *exchange)
{
    char *operation = operation_of(exchange->request.path);

    exchange->request.provider = provider_of_path(exchange->request.path);
    exchange->plan = faults_take(world->faults, &exchange->request);
    if (exchange->plan.action == FAULT_LATE)
        late_keep(world->late, &exchange->request,
                  sandbox_clock_now_s(world->clock) + exchange->plan.late_s);
    if (fault_intercepts(exchange)) {
        fault_delay_before(world->clock, exchange);
    } else {
        answer_provider(world, exchange);
        fault_spoil_answer(world->clock, exchange);
    }
    request_log_add(world->log, exchange, operation, sandbox_clock_now_s(world->clock));
    free(operation);
}

/* Carries out a late request; nobody waits for its answer any more. */
static void play_late(struct world *world, const struct late_request *late)
{
    struct exchange exchange = { .request = {
        .method = late->method, .path = late->path, .query = late->query, .body = late->body,
        .body_bytes = late->body_bytes, .authorization = late->authorization,
        .idempotency_key = late->idempotency_key, .api_version = late->api_version,
        .provider = provider_of_path(late->path),
    } };
    char *operation = operation_of(late->path);

    answer_provider(world, &exchange);
    request_log_add(world->log, &exchange, operation, sandbox_clock_now_s(world->clock));
    http_response_free(&exchange.response);
    free(operation);
}

void play_what_is_due(struct world *world)
{
    struct late_request *late;

    while ((late = late_take(world->late, sandbox_clock_now_s(world->clock))) != NULL) {
        play_late(world, late);
        late_request_free(late);
    }
    stripe_lock(world->stripe);
    stripe_settle_due(world->stripe);
    stripe_unlock(world->stripe);
    paystack_lock(world->paystack);
    paystack_settle_due(world->paystack);
    paystack_unlock(world->paystack);
}
