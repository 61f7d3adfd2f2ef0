/* Checks the rows of our ledger that no list confirmed. */
#include "reconcile_parts.h"

#include <stdio.h>
#include <string.h>

/* A row that no list named is asked for by name: a list may lag, or date it on another day. */

static void add_finding(const struct ledger_row *row, enum finding_state state, const char *note,
                        struct harvest *harvest)
{
    struct finding *finding = &harvest->findings[harvest->finding_count++];

    *finding = (struct finding) {
        .kind = BOOKS_MISSING_THERE, .object = row->kind, .ours = row->entry, .owner = row->owner,
        .evidence = "{}", .state = state,
    };
    snprintf(finding->ref, sizeof(finding->ref), "%s", row->entry.ref);
    snprintf(finding->note, sizeof(finding->note), "%s", note);
}

static void add_confirmation(const struct ledger_row *row, struct harvest *harvest)
{
    struct confirmation *told = &harvest->confirmations[harvest->confirmation_count++];

    *told = (struct confirmation) { .kind = row->kind, .owner = row->owner };
    snprintf(told->ref, sizeof(told->ref), "%s", row->entry.ref);
    snprintf(told->told_ref, sizeof(told->told_ref), "%s", row->entry.ref);
}

/* No answer, or one about the provider's present state and not about the row. */
static bool is_silence(const struct provider_reply *reply)
{
    return reply->http_status == 0 || reply->http_status >= 500 || reply->http_status == 401
        || reply->http_status == 403 || reply->http_status == 429;
}

static void judge(struct reconciling *work, const struct ledger_row *row, enum presence presence,
                  const struct provider_reply *reply, struct harvest *harvest)
{
    switch (presence) {
    case PRESENCE_YES:
        add_confirmation(row, harvest);
        break;
    case PRESENCE_NO:
        add_finding(row, FINDING_OPEN, "the provider was asked for it, and does not know it",
                    harvest);
        break;
    case PRESENCE_UNTOLD:
        if (is_silence(reply))
            reconcile_give_up(work, reply);
        else
            add_finding(row, FINDING_OPEN, "the provider's answer does not say whether it has it",
                        harvest);
        break;
    }
}

/* before: the state at the start of the page, because the page's results are not stored yet. */
static const struct problem *look(struct ctx *ctx, struct reconciling *work,
                                  const struct reconciling *before, const struct ledger_row *row,
                                  struct harvest *harvest)
{
    struct provider_reply reply;
    enum presence presence;

    if (row->owner.elsewhere) {
        add_finding(row, FINDING_EXPLAINED, "a human noted it: given back by other means", harvest);
        return OK;
    }
    TRY(reconcile_keep_lease(ctx, before));
    TRY(reconcile_look_there(ctx, work->provider, row, &presence, &reply));
    judge(work, row, presence, &reply, harvest);
    return OK;
}

const struct problem *reconcile_our_page(struct ctx *ctx, struct reconciling *work)
{
    struct ledger_row *rows = arena_alloc(ctx->arena, LEDGER_ROWS_MAX * sizeof(*rows));
    struct harvest *harvest = arena_alloc(ctx->arena, sizeof(*harvest));
    const struct reconciling before = *work;
    int count;

    harvest->work = work;
    TRY(store_ledger_unconfirmed(ctx, work->provider->name, work->run.day_ms, work->run.page_after,
                                 rows, &count));
    for (int i = 0; i < count; i++) {
        TRY(look(ctx, work, &before, &rows[i], harvest));
        if (work->result == RECONCILE_NO_ANSWER)
            break;
        snprintf(work->run.page_after, sizeof(work->run.page_after), "%s", rows[i].id);
    }
    if (work->result == RECONCILE_GOES_ON && count < LEDGER_ROWS_MAX)
        work->result = RECONCILE_THROUGH;
    return reconcile_store_harvest(ctx, harvest);
}
