/*
 * What the pages /checkout/return and /checkout/cancelled show a payer. No token: the payment's id
 * cannot be guessed, and an id that does not exist, or cannot, gets an answer of the same form.
 */
#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/http/router.h"
#include "infrastructure/api/input/query.h"
#include "infrastructure/api/output/json_out.h"

const struct problem *get_checkout_outcome(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out)
{
    struct text text = text_new(ctx->arena);
    enum payment_outcome outcome;
    struct query query;
    const char *id;

    TRY(query_read(ctx, request, request->route->query, &query));
    id = query_find(&query, "payment");
    TRY(get_outcome(ctx, id != NULL ? id : "", &outcome));
    text_append_char(&text, '{');
    json_out_text(&text, "state", payment_outcome_name(outcome));
    text_append_char(&text, '}');
    *answer_out = (struct answer) { .http_status = 200, .body = text_bytes(&text) };
    return OK;
}
