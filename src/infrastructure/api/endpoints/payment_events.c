/* The stream of a payment's changes: who may open it, and the tickets that do. */
#include "application/queries.h"
#include "base/json_out.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/http/router.h"
#include "infrastructure/api/input/query.h"
#include "infrastructure/api/output/answer_json.h"
#include "infrastructure/live/frame.h"
#include "infrastructure/live/live_ticket.h"

/* --- Tickets ------------------------------------------------------------------------------- */

static const char *new_ticket(struct ctx *ctx, struct payment_id id, enum live_view view,
                              int64_t expires_s)
{
    char *ticket = arena_alloc(ctx->arena, LIVE_TICKET_MAX);

    live_ticket_print(ctx->settings->live_tickets, id, view, expires_s, ticket);
    return ticket;
}

static int64_t expiry_of_now(const struct ctx *ctx)
{
    return ctx->now_ms / 1000 + LIVE_TICKET_LIFE_S;
}

const char *outcome_ticket(struct ctx *ctx, struct payment_id id)
{
    return new_ticket(ctx, id, LIVE_OUTCOME, expiry_of_now(ctx));
}

const struct problem *post_stream_ticket(struct ctx *ctx, const struct request *request,
                                         struct answer *answer_out)
{
    struct text text = json_out_begin(ctx->arena);
    int64_t expires_s = expiry_of_now(ctx);
    struct payment_id id;
    struct payment payment;
    const char *ticket;

    TRY(read_payment_id(ctx, request, &id));
    TRY(read_no_members(ctx, request));
    TRY(get_payment(ctx, id.text, &payment));
    ticket = new_ticket(ctx, id, LIVE_PAYMENT, expires_s);
    json_out_text(&text, "ticket", ticket);
    json_out_time(&text, "expiresAt", expires_s * 1000);
    json_out_text(&text, "url", arena_printf(ctx->arena, "/api/v1/payments/%s/events?ticket=%s",
                                             id.text, ticket));
    *answer_out = envelope(ctx, 201, json_out_end(&text), NULL);
    return OK;
}

/* --- The stream ---------------------------------------------------------------------------- */

/* The payment must exist and be the caller's, as for every other question about it. */
static const struct problem *admit_by_token(struct ctx *ctx, struct handover *handover)
{
    struct payment payment;

    TRY(get_payment(ctx, handover->payment_id.text, &payment));
    handover->view = LIVE_PAYMENT;
    handover_name_caller(handover, ctx->actor.role >= ROLE_ADMIN ? "admin" : "user",
                         ctx->actor.id);
    return OK;
}

/* Whoever made the ticket was asked. All tickets of a payment count as one caller. */
static const struct problem *admit_by_ticket(struct ctx *ctx, const char *ticket,
                                             struct handover *handover)
{
    if (ticket == NULL)
        return problem_new(ctx->arena, PROBLEM_UNAUTHORIZED, "This needs a token or a ticket.");
    if (!live_ticket_opens(ctx->settings->live_tickets, handover->payment_id, ctx->now_ms / 1000,
                           ticket, &handover->view))
        return problem_new(ctx->arena, PROBLEM_UNAUTHORIZED,
                           "The ticket is not one of this payment, or it has expired.");
    handover_name_caller(handover, live_view_name(handover->view), handover->payment_id.text);
    return OK;
}

const struct problem *get_payment_events(struct ctx *ctx, const struct request *request,
                                         struct answer *answer_out)
{
    struct handover handover = { .after = frame_last_id(request->last_event_id) };

    TRY(read_payment_id(ctx, request, &handover.payment_id));
    if (ctx->actor.role == ROLE_NONE)
        TRY(admit_by_ticket(ctx, query_find(request->parameters, "ticket"), &handover));
    else
        TRY(admit_by_token(ctx, &handover));
    *answer_out = (struct answer) { .http_status = 200,
                                    .handed_to = handover_print(ctx->arena, &handover) };
    return OK;
}
