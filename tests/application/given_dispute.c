/* Disputes for the tests of the use cases. */
#include "given_dispute.h"

#include <stdio.h>
#include <string.h>

#include "application/inbox/process_inbox.h"

struct dispute *last_dispute(void)
{
    assert_true(rows()->dispute_count > 0);
    return &rows()->disputes[rows()->dispute_count - 1];
}

struct provider_dispute a_dispute(const char *ref, int at_s, enum dispute_status status,
                                  int64_t withdrawn_minor, int64_t reinstated_minor)
{
    struct provider_dispute dispute = {
        .currency = "USD",
        .facts = {
            .at_ms = NOW_MS + at_s * 1000, .fact = { status, false }, .amount_minor = 2500,
            .due_at_s = NOW_MS / 1000 + 86400, .reason = "fraudulent",
            .withdrawn_minor = withdrawn_minor, .reinstated_minor = reinstated_minor,
        },
    };

    snprintf(dispute.ref, sizeof(dispute.ref), "%s", ref);
    snprintf(dispute.intent, sizeof(dispute.intent), "%s", last_payment()->provider_intent);
    snprintf(dispute.facts.provider_status, sizeof(dispute.facts.provider_status), "its_%s",
             dispute_status_name(status));
    return dispute;
}

struct provider_event dispute_event(const char *event_id, struct provider_dispute dispute)
{
    struct provider_event event = event_of(event_id, last_payment());

    event.kind = PROVIDER_EVENT_DISPUTE;
    snprintf(event.type, sizeof(event.type), "dispute.told");
    event.created_s = dispute.facts.at_ms / 1000;
    event.dispute = dispute;
    return event;
}

void given_the_dispute(struct provider_dispute dispute, enum webhook_outcome expected)
{
    static int number;

    given_the_webhook(dispute_event(arena_printf(the_arena, "evt_dispute_%d", ++number), dispute),
                      expected);
}

bool given_the_job_ran(void)
{
    struct due_event due[JOBS_BATCH_MAX];
    enum webhook_outcome outcome;
    struct ctx *ctx = given_a_request_of("jobs");
    int count;

    ctx->actor.role = ROLE_NONE;
    assert_null(store_inbox_due(ctx, false, JOBS_BATCH_MAX, due, &count));
    for (int i = 0; i < count; i++)
        assert_null(process_inbox(ctx, &due[i], &outcome));
    return count > 0;
}
