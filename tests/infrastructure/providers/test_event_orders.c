/*
 * Recorded documents of both providers, read by their real adapters and applied by the real use
 * cases, in every order of every small set: the books end the same, and as the provider has it.
 * In memory; what must wait is tried by the inbox job, and a provider that is asked answers with
 * what the whole set tells: it knows more than the events that have come so far.
 */
#include <config.h>

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "application/commands.h"
#include "application/inbox/rejections.h"
#include "application/inbox/process_inbox.h"
#include "base/log.h"
#include "fakes/fake_store.h"
#include "infrastructure/providers/recorded_events.h"

#if defined(SANITIZERS) || defined(COVERAGE)
#define SUBSET_MAX 3            /* instrumented code is slow */
#else
#define SUBSET_MAX 4
#endif

#define NOW_MS     ((RECORDED_S + 3600) * 1000)
#define EXPIRES_MS (NOW_MS + INT64_C(30) * 86400 * 1000)

/* --- The world ----------------------------------------------------------------------------- */

struct moment { struct fake_tables rows; int64_t now_ms; };

static struct store *store;
static struct arena *arena;
static int64_t now_ms;
static struct moment moments[SUBSET_MAX];       /* [0]: the payer stands before the page */

static struct ctx *a_request(void)
{
    static const struct settings settings = { .checkout_ttl_s = 3600,
                                              .recovery_first_delay_ms = 5000 };
    static const struct provider *providers[2];
    static struct rejections rejections;
    struct ctx *ctx;

    providers[0] = recorded_provider();
    arena_reset(arena);
    ctx = arena_alloc(arena, sizeof(*ctx));
    *ctx = (struct ctx) {
        .arena = arena, .store = store, .providers = providers, .settings = &settings,
        .rejections = &rejections, .now_ms = now_ms, .trace_id = "0123456789abcdef0123456789abcdef", .method = "POST",
        .path = "/", .actor = { ROLE_NONE, providers[0]->name, ACTOR_WEBHOOK },
    };
    return ctx;
}

static void set_now(int64_t to_ms)
{
    now_ms = to_ms;
    fake_store_set_now(store, now_ms);
}

static void save(struct moment *moment)
{
    fake_tables_copy(&moment->rows, fake_store_tables(store));
    moment->now_ms = now_ms;
}

static void go_back_to(const struct moment *moment)
{
    fake_tables_copy(fake_store_tables(store), &moment->rows);
    set_now(moment->now_ms);
}

/* A checkout as the store has it when its page was opened. */
static void given_an_open_page(struct payment payment, const char *ref)
{
    struct fake_tables *rows = fake_store_tables(store);
    struct order order = { .id = payment.order_id, .owner_id = "alice", .amount = payment.amount,
                           .metadata_json = "{}" };

    snprintf(payment.owner_id, sizeof(payment.owner_id), "alice");
    snprintf(payment.provider_ref, sizeof(payment.provider_ref), "%s", ref);
    snprintf(payment.checkout_url, sizeof(payment.checkout_url), "https://pay.example/%s", ref);
    payment.expires_at_ms = EXPIRES_MS;
    payment.facts.snapshot = (struct payment_snapshot) { .at_s = RECORDED_S - 10,
                                                         .progress = PROGRESS_OPENED };
    payment.status = payment_derive(&payment.facts, payment.amount.minor);
    rows->orders[rows->order_count++] = order;
    rows->payments[rows->payment_count++] = payment;
    rows->audit[rows->audit_count++] = (struct fake_audit) {
        payment.order_id, payment.id, "status", "{\"to\":\"processing\"}",
        DOMAIN_EVENT_PAYMENT_CREATED, "{}" };
}

static int set_up(void **state)
{
    (void) state;
    store = fake_store_new();
    arena = arena_new();
    set_now(NOW_MS);
    return 0;
}

static int tear_down(void **state)
{
    fake_store_free(store);
    arena_free(arena);
    return fixture_reset(state);
}

/* --- What becomes of it -------------------------------------------------------------------- */

static bool is_waiting(void)
{
    const struct fake_tables *rows = fake_store_tables(store);

    for (int i = 0; i < rows->webhook_count; i++)
        if (rows->webhooks[i].status == INBOX_RECEIVED)
            return true;
    return false;
}

static void try_what_is_due(void)
{
    struct due_event due[JOBS_BATCH_MAX];
    enum webhook_outcome outcome;
    struct ctx *ctx = a_request();
    int count;

    assert_null(store_inbox_due(ctx, false, 1, due, &count));
    if (count == 0)
        set_now(now_ms + inbox_delay_max_ms(WEBHOOK_ATTEMPTS_MAX / 2));
    else
        assert_null(process_inbox(ctx, &due[0], &outcome));
}

/* Until nothing waits any more: the last try would bury what cannot be applied. */
static void the_job_runs(void)
{
    while (is_waiting())
        try_what_is_due();
}

static enum webhook_outcome deliver(const struct document *document)
{
    const struct receive_webhook command = {
        .provider = recorded_provider()->name, .signature_header = "",
        .raw_body = document->body,
    };
    enum webhook_outcome outcome;

    assert_null(receive_webhook(a_request(), &command, &outcome));
    return outcome;
}

/* --- The books ----------------------------------------------------------------------------- */

#define LINES_MAX 24
#define LINE_MAX  224

struct books { char lines[LINES_MAX][LINE_MAX]; int count; };

__attribute__((format(printf, 2, 3)))
static void add_line(struct books *books, const char *format, ...)
{
    va_list args;

    assert_true(books->count < LINES_MAX);
    va_start(args, format);
    assert_true(vsnprintf(books->lines[books->count++], LINE_MAX, format, args) < LINE_MAX);
    va_end(args);
}

/* How far the payer had got is history once he has paid: who was asked may have heard of less. */
static void add_payment(struct books *books, const struct payment *payment)
{
    const struct payment_facts *facts = &payment->facts;
    const struct payment_snapshot unpaid = facts->captured_minor > 0
        ? (struct payment_snapshot) { .at_s = 0 } : facts->snapshot;

    add_line(books, "payment %s captured %" PRId64 " refunded %" PRId64 " held %" PRId64
             " %s%s%s %s%s",
             payment_status_name(payment->status), facts->captured_minor, facts->refunded_minor,
             payment->refund_held_minor, payment_close_name(facts->closed),
             facts->mismatch ? " mismatch" : "", payment->needs_review ? " review " : "",
             payment->review_reason, payment->surplus ? " surplus" : "");
    add_line(books, "the payer at %" PRId64 " %s %s %s", unpaid.at_s,
             payment_progress_name(unpaid.progress), unpaid.failure_code, unpaid.failure_reason);
    add_line(books, "dispute %s over %" PRId64, dispute_status_name(payment->dispute),
             payment->disputed_minor);
}

/* When it was said is not in the books: who had to ask was told later. */
static void add_dispute(struct books *books, const struct dispute *dispute)
{
    const struct dispute_facts *facts = &dispute->facts;

    add_line(books, "dispute %s %s%s (%s, %s) %" PRId64 " %s due %" PRId64 " took %" PRId64
             " gave %" PRId64,
             dispute->provider_ref, dispute_status_name(facts->fact.status),
             facts->fact.contradictory ? " contradictory" : "", facts->provider_status,
             facts->reason, facts->amount_minor, dispute->currency, facts->due_at_s,
             facts->withdrawn_minor, facts->reinstated_minor);
}

/*
 * The rows of one object count as their sum: of a refund that failed before we heard that it had
 * succeeded, nothing was ever booked.
 */
static void add_movements_of(struct books *books, const struct fake_tables *rows, const char *ref)
{
    int64_t sum_minor = 0;

    for (int i = 0; i < rows->ledger_count; i++)
        if (strcmp(rows->ledger[i].provider_ref, ref) == 0)
            sum_minor += rows->ledger[i].amount_minor;
    if (sum_minor != 0)
        add_line(books, "ledger %s %" PRId64, ref, sum_minor);
}

static bool is_first_of_its_ref(const struct fake_tables *rows, int at)
{
    for (int i = 0; i < at; i++)
        if (strcmp(rows->ledger[i].provider_ref, rows->ledger[at].provider_ref) == 0)
            return false;
    return true;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(a, b);
}

static struct books books_now(void)
{
    const struct fake_tables *rows = fake_store_tables(store);
    struct books books = { .count = 0 };

    for (int i = 0; i < rows->order_count; i++)
        add_line(&books, "order %s", order_status_name(rows->orders[i].status));
    for (int i = 0; i < rows->payment_count; i++)
        add_payment(&books, &rows->payments[i]);
    for (int i = 0; i < rows->refund_count; i++)
        add_line(&books, "refund %s %s %" PRId64, rows->refunds[i].provider_ref,
                 refund_status_name(rows->refunds[i].status), rows->refunds[i].amount.minor);
    for (int i = 0; i < rows->dispute_count; i++)
        add_dispute(&books, &rows->disputes[i]);
    for (int i = 0; i < rows->ledger_count; i++)
        if (is_first_of_its_ref(rows, i))
            add_movements_of(&books, rows, rows->ledger[i].provider_ref);
    for (int i = 0; i < rows->webhook_count; i++)
        add_line(&books, "event %s %s %s", rows->webhooks[i].event_id,
                 inbox_status_name(rows->webhooks[i].status), rows->webhooks[i].reason);
    qsort(books.lines, (size_t) books.count, LINE_MAX, compare_lines);
    return books;
}

static bool books_equal(const struct books *a, const struct books *b)
{
    for (int i = 0; i < a->count && i < b->count; i++)
        if (strcmp(a->lines[i], b->lines[i]) != 0)
            return false;
    return a->count == b->count;
}

/* --- Is it true? --------------------------------------------------------------------------- */

static const char *status_of_refund(const char *ref)
{
    const struct fake_tables *rows = fake_store_tables(store);

    for (int i = 0; i < rows->refund_count; i++)
        if (strcmp(rows->refunds[i].provider_ref, ref) == 0)
            return refund_status_name(rows->refunds[i].status);
    return "missing";
}

static const char *status_of_dispute(const char *ref)
{
    const struct fake_tables *rows = fake_store_tables(store);
    const struct dispute *dispute = NULL;

    for (int i = 0; i < rows->dispute_count; i++)
        if (strcmp(rows->disputes[i].provider_ref, ref) == 0)
            dispute = &rows->disputes[i];
    if (dispute == NULL)
        return "missing";
    return dispute->facts.fact.contradictory ? "contradictory"
                                             : dispute_status_name(dispute->facts.fact.status);
}

static bool stands_as_in(const struct recorded *recorded)
{
    const char *status = recorded->refund != NULL ? status_of_refund(recorded->refund)
                                                  : status_of_dispute(recorded->dispute);

    return strcmp(status, recorded->status) == 0;
}

static bool is_any_dead(void)
{
    const struct fake_tables *rows = fake_store_tables(store);

    for (int i = 0; i < rows->webhook_count; i++)
        if (rows->webhooks[i].status == INBOX_DEAD)
            return true;
    return false;
}

/* The one thing in these documents that a human must hear of. */
static bool is_any_refund_failed(void)
{
    const struct fake_tables *rows = fake_store_tables(store);

    for (int i = 0; i < rows->refund_count; i++)
        if (rows->refunds[i].status == REFUND_FAILED)
            return true;
    return false;
}

/* All orders might end in the same mistake. NULL: the books are as the provider has it. */
static const char *mistake(void)
{
    const struct payment *payment = &fake_store_tables(store)->payments[0];

    if (payment->facts.captured_minor != (recorded_is_paid() ? payment->amount.minor : 0))
        return "the provider has other money";
    if (payment->needs_review != is_any_refund_failed() || is_any_dead())
        return "a human is called for nothing, or not called";
    for (size_t i = 0; i < recorded_count(); i++)
        if (recorded_is_newest(i) && !stands_as_in(recorded_document(i)->recorded))
            return "the provider has another refund or dispute";
    return NULL;
}

/* --- Every order --------------------------------------------------------------------------- */

struct subset {
    const struct document *documents[SUBSET_MAX];
    int                    count;
    uint32_t               set;
    bool                   job_in_between;      /* else it runs when all have come */
    bool                   ended;
    struct books           end;                 /* of the first order */
};

static int64_t subset_count, order_count, applied_count, waited_count;

static void fail_with(const struct subset *subset, const struct books *books, const char *why)
{
    for (int i = 0; i < subset->count; i++)
        print_error("# %s\n", subset->documents[i]->recorded->name);
    for (int i = 0; i < subset->end.count; i++)
        print_error("# the first order: %s\n", subset->end.lines[i]);
    for (int i = 0; i < books->count; i++)
        print_error("# this order:      %s\n", books->lines[i]);
    fail_msg("%s", why);
}

static void check_books(struct subset *subset)
{
    const struct books books = books_now();
    const char *why = mistake();

    if (!subset->ended)
        subset->end = books;
    subset->ended = true;
    if (why == NULL && !books_equal(&books, &subset->end))
        why = "this order ends elsewhere";
    if (why != NULL)
        fail_with(subset, &books, why);
}

/* All have come. The first of them comes once more; that it is known does not depend on the job. */
static void check_end(struct subset *subset)
{
    order_count++;
    the_job_runs();
    if (!subset->job_in_between)
        assert_int_equal(deliver(subset->documents[0]), WEBHOOK_DUPLICATE);
    check_books(subset);
    assert_int_equal(fake_store_refusal_count(store), 0);
    fake_store_check_invariants(store);
}

static void deliver_one(const struct subset *subset, const struct document *document)
{
    const enum webhook_outcome outcome = deliver(document);

    applied_count += outcome == WEBHOOK_APPLIED;
    waited_count += outcome == WEBHOOK_STORED;
    if (subset->job_in_between)
        the_job_runs();
}

/* documents[0..done) have come; the others follow in every order. */
static void deliver_in_every_order(struct subset *subset, int done)
{
    if (done == subset->count) {
        check_end(subset);
        return;
    }
    save(&moments[done]);
    for (int i = done; i < subset->count; i++) {
        const struct document *chosen = subset->documents[i];

        go_back_to(&moments[done]);
        subset->documents[i] = subset->documents[done];
        subset->documents[done] = chosen;
        deliver_one(subset, chosen);
        deliver_in_every_order(subset, done + 1);
        subset->documents[done] = subset->documents[i];
        subset->documents[i] = chosen;
    }
    go_back_to(&moments[done]);
}

/* Every subset of the documents from `next` on, added to what the subset has. */
static void check_subsets(struct subset *subset, size_t next)
{
    if (subset->count > 0) {
        subset_count++;
        subset->ended = false;
        recorded_tell(subset->set);
        deliver_in_every_order(subset, 0);
    }
    if (subset->count == SUBSET_MAX)
        return;
    for (; next < recorded_count(); next++) {
        subset->documents[subset->count++] = recorded_document(next);
        subset->set ^= UINT32_C(1) << next;
        check_subsets(subset, next + 1);
        subset->set ^= UINT32_C(1) << next;
        subset->count--;
    }
}

static int64_t orders_expected(void)
{
    int64_t sum = 0, ordered = 1;

    for (int64_t k = 0; k < SUBSET_MAX; k++) {
        ordered *= (int64_t) recorded_count() - k;
        sum += ordered;
    }
    return sum;
}

static void check_every_order(bool job_in_between)
{
    struct subset subset = { .job_in_between = job_in_between };

    subset_count = order_count = applied_count = waited_count = 0;
    check_subsets(&subset, 0);
    print_message("# %" PRId64 " orders of %" PRId64 " sets (up to %d of %zu documents): %" PRId64
                  " applied as they came, %" PRId64 " had to wait, %" PRId64 " questions\n",
                  order_count, subset_count, SUBSET_MAX, recorded_count(), applied_count,
                  waited_count, recorded_call_count());
    assert_int_equal(order_count, orders_expected());
    assert_true(waited_count > 0 && recorded_call_count() > 0);
}

static void given_a_payment_at_stripe(void)
{
    given_stripes_documents();
    given_an_open_page(given_a_payment(), "cs_test_a1B2c3");
}

static void given_a_payment_at_paystack(void)
{
    given_paystacks_documents();
    given_an_open_page(given_a_naira_payment(), FIXTURE_REFERENCE);
}

static void every_order_of_stripes_documents_ends_in_the_same_books(void **state)
{
    (void) state;
    given_a_payment_at_stripe();
    check_every_order(false);
}

static void so_it_does_when_the_job_runs_between_stripes_documents(void **state)
{
    (void) state;
    given_a_payment_at_stripe();
    check_every_order(true);
}

static void every_order_of_paystacks_documents_ends_in_the_same_books(void **state)
{
    (void) state;
    given_a_payment_at_paystack();
    check_every_order(false);
}

static void so_it_does_when_the_job_runs_between_paystacks_documents(void **state)
{
    (void) state;
    given_a_payment_at_paystack();
    check_every_order(true);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_order_of_stripes_documents_ends_in_the_same_books),
        TEST(so_it_does_when_the_job_runs_between_stripes_documents),
        TEST(every_order_of_paystacks_documents_ends_in_the_same_books),
        TEST(so_it_does_when_the_job_runs_between_paystacks_documents),
    };

    log_open("test_event_orders", LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
