/* The use cases of the admin's lists, in place of the real ones: empty answers. */
#include <stdio.h>

#include "given.h"

static void note(const char *called)
{
    fakes.calls++;
    fakes.called = called;
}

const struct problem *list_payments(struct ctx *ctx, const struct payment_query *query,
                                    struct payment_page *page_out)
{
    note("list_payments");
    (void) ctx;
    (void) query;
    *page_out = (struct payment_page) { .count = 0 };
    return OK;
}

const struct problem *list_transactions(struct ctx *ctx, const struct transaction_query *query,
                                        struct transaction_page *page_out)
{
    note("list_transactions");
    (void) ctx;
    (void) query;
    *page_out = (struct transaction_page) { .count = 0 };
    return OK;
}

const struct problem *export_transactions(struct ctx *ctx, const struct transaction_filter *filter,
                                          const struct transaction_writer *writer)
{
    static const struct transaction movement = {
        .id = "txn_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        .payment_id = { "pay_01ARZ3NDEKTSV4RRFFQ69G5FAV" },
        .order_id = { "-danger" },
        .kind = "refund",
        .amount = { -150, "USD" },
        .provider = "stripe",
        .provider_ref = "=HYPERLINK(\"http://x\")",
        .occurred_at_ms = 1795425327123, .recorded_at_ms = 1795425327123 + INT64_C(7) * 86400 * 1000,
        .trace_id = "0af7651916cd43dd8448eb211c80319c",
        .fee_told = true, .fee = { 3, "USD" },
    };

    note("export_transactions");
    (void) filter;
    return writer->write(ctx, writer, &movement)
        ? OK : problem_new(ctx->arena, PROBLEM_INTERNAL, "The reader is gone.");
}

const struct problem *list_audit(struct ctx *ctx, const struct audit_query *query,
                                 struct audit_page *page_out)
{
    note("list_audit");
    (void) ctx;
    (void) query;
    *page_out = (struct audit_page) { .count = 0 };
    return OK;
}

/* Comes as far as one part; with a cursor it is done. */
const struct problem *verify_audit_alone(struct ctx *ctx, const struct audit_question *question,
                                         struct audit_walk *walk, struct audit_report *report_out)
{
    note("verify_audit");
    (void) question;
    walk->done = walk->histories_done;
    walk->histories_done = true;
    walk->checkpoint = 7;
    *report_out = (struct audit_report) { .rows = 3, .payments = 1, .checkpoints = 1 };
    report_out->findings[report_out->finding_count++] = (struct audit_finding) {
        "altered", arena_strdup(ctx->arena, "pay_01ARZ3NDEKTSV4RRFFQ69G5FAV"), 2
    };
    return OK;
}

const struct problem *get_timeline(struct ctx *ctx, const char *payment_id,
                                   struct timeline *timeline_out)
{
    note("get_timeline");
    (void) ctx;
    (void) payment_id;
    *timeline_out = (struct timeline) { .found = true };
    return OK;
}

const struct problem *review_payment(struct ctx *ctx, const struct review_payment *command,
                                     struct answer *answer_out)
{
    struct review_terms terms;

    note("review_payment");
    TRY(command->read_terms(ctx, command->body, "USD", &terms));
    *answer_out = (struct answer) { .http_status = 200,
                                    .body = bytes_of(arena_strdup(ctx->arena, command->reason)) };
    return OK;
}

bool review_verdict_parse(const char *name, enum review_verdict *verdict_out)
{
    *verdict_out = strcmp(name, "refund") == 0 ? REVIEW_VERDICT_REFUND : REVIEW_VERDICT_DISMISS;
    return true;
}

const struct problem *list_reconciliations(struct ctx *ctx, const struct reconciliation_query *query,
                                           struct reconciliation_page *page_out)
{
    note("list_reconciliations");
    (void) ctx;
    (void) query;
    *page_out = (struct reconciliation_page) { .count = 0 };
    return OK;
}

const struct problem *get_reconciliation(struct ctx *ctx, const char *id,
                                         struct reconciliation *run_out)
{
    note("get_reconciliation");
    (void) ctx;
    *run_out = (struct reconciliation) { .provider = "stripe", .day_ms = INT64_C(1795910400000),
                                         .state = RECONCILE_DONE, .passes = 1, .compared = 2,
                                         .open = 1, .started_at_ms = 1000, .finished_at_ms = 2000 };
    snprintf(run_out->id, sizeof(run_out->id), "%s", id);
    return OK;
}

const struct problem *explain_finding(struct ctx *ctx, const struct explain_finding *command)
{
    note("explain_finding");
    (void) ctx;
    (void) command;
    return OK;
}

const struct problem *list_findings(struct ctx *ctx, const char *id, int64_t after,
                                    struct finding **findings_out, int *count_out)
{
    struct finding *finding = arena_alloc(ctx->arena, sizeof(*finding));

    note("list_findings");
    (void) id;
    (void) after;
    *finding = (struct finding) {
        .number = 1, .kind = BOOKS_MISSING_HERE, .object = BOOK_CHARGES, .ref = "=pi_1",
        .theirs = { .ref = "=pi_1", .moved = { 9999, "USD" }, .at_ms = 1000 },
        .evidence = "{\"object\":\"ch_1\"}", .state = FINDING_OPEN, .note = "nobody, so far, knows",
        .found_at_ms = 2000,
    };
    *findings_out = finding;
    *count_out = 1;
    return OK;
}

const struct problem *list_webhook_events(struct ctx *ctx, const struct webhook_event_query *query,
                                          struct webhook_event_page *page_out)
{
    note("list_webhook_events");
    (void) ctx;
    (void) query;
    *page_out = (struct webhook_event_page) { .count = 0 };
    return OK;
}

const struct problem *get_webhook_event(struct ctx *ctx, const char *inbox_id,
                                        struct webhook_event_details *details_out)
{
    note("get_webhook_event");
    (void) ctx;
    *details_out = (struct webhook_event_details) {
        .found = true,
        .event = { .inbox_id = inbox_id, .provider = "stripe", .event_id = "evt_1",
                   .type = "payment_intent.succeeded", .status = "dead",
                   .reason = "no payment of ours is named", .payment_id = "", .trace_id = "0af7",
                   .attempts = 10, .event_created_at_ms = 1000, .received_at_ms = 2000,
                   .finished_at_ms = 3000 },
        .body = bytes_of("{\"id\":\"evt_1\",\"data\":{\"customer_email\":\"a@example.com\"}}"),
        .attempts = { { 3000, "jobs", "dead", "no payment of ours is named", "1bf8" } },
        .attempt_count = 1,
    };
    return OK;
}

const struct problem *replay_webhook(struct ctx *ctx, const char *inbox_id,
                                     enum webhook_outcome *outcome_out)
{
    note("replay_webhook");
    (void) ctx;
    (void) inbox_id;
    *outcome_out = WEBHOOK_APPLIED;
    return OK;
}

const struct problem *try_webhook(struct ctx *ctx, const char *inbox_id,
                                  struct webhook_trial *trial_out)
{
    note("try_webhook");
    (void) ctx;
    (void) inbox_id;
    *trial_out = (struct webhook_trial) {
        .outcome = WEBHOOK_APPLIED, .reason = "", .payment_found = true,
        .before = { .status = PAYMENT_PROCESSING, .amount = { 9999, "USD" } },
        .effect = { .payment = { .status = PAYMENT_COMPLETED, .amount = { 9999, "USD" } },
                    .movements = { { "charge", 9999 } }, .movement_count = 1,
                    .events = { "payment.completed" }, .event_count = 1 },
    };
    return OK;
}
