/*
 * What the pages /checkout/return and /checkout/cancelled show a payer. No token: the payment's id
 * cannot be guessed, and an id that does not exist, or cannot, gets an answer of the same form.
 */
#include "application/queries.h"
#include "base/json_out.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/http/router.h"
#include "infrastructure/api/input/query.h"

const struct problem *get_checkout_outcome(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out)
{
    struct text text = json_out_begin(ctx->arena);
    enum payment_outcome outcome;
    struct query query;
    const char *id;

    TRY(query_read(ctx, request, request->route->query, &query));
    id = query_find(&query, "payment");
    TRY(get_outcome(ctx, id != NULL ? id : "", &outcome));
    json_out_text(&text, "state", payment_outcome_name(outcome));
    *answer_out = (struct answer) { .http_status = 200, .body = json_out_end(&text) };
    return OK;
}
