/*
 * reconcile: what becomes of what a provider's lists tell, and of what they do not. The rows about days and
 * findings stand in this file; payments are the fake store's.
 */
#include "application/audit/authorship.h"
#include "application/reconcile.h"
#include "application/store/store_findings.h"

#include <stdio.h>
#include <string.h>

#include "given.h"

#define DAY (NOW_MS - NOW_MS % DAY_MS)
#define SEEN_MAX 32

/* --- The rows ------------------------------------------------------------------------------ */

static struct reconciliation stored;
static struct our_book ours, ours_later;        /* before and after something was healed */
static struct book_entry entries[4], entries_later[4];
static struct book_owner owners[4];
static struct ledger_row unconfirmed[4];
static int unconfirmed_count, find_count;
static struct finding findings[SEEN_MAX];
static int finding_count;
static struct confirmation confirmations[SEEN_MAX];
static int confirmation_count;

void store_reconcile_add(struct ctx *ctx, const char *provider, int64_t day_ms, bool wanted)
{
    (void) ctx;
    (void) wanted;
    snprintf(stored.provider, sizeof(stored.provider), "%s", provider);
    stored.day_ms = day_ms;
}

const struct problem *store_reconcile_claim(struct ctx *ctx, const char *provider, int64_t day_ms,
                                            bool restart, struct reconciliation *run_out,
                                            bool *claimed_out)
{
    (void) ctx;
    (void) provider;
    (void) day_ms;
    if (restart)
        stored = (struct reconciliation) { .id = "rec_1", .provider = "stripe", .day_ms = DAY,
                                           .passes = stored.passes + 1 };
    *run_out = stored;
    *claimed_out = true;
    return OK;
}

const struct problem *store_reconcile_claim_due(struct ctx *ctx, const char *provider, int delay_s,
                                                struct reconciliation *run_out, bool *claimed_out)
{
    (void) ctx;
    (void) provider;
    (void) delay_s;
    (void) run_out;
    *claimed_out = false;
    return OK;
}

void store_reconcile_save(struct ctx *ctx, const struct reconciliation *run)
{
    (void) ctx;
    stored = *run;
}

void store_reconcile_end(struct ctx *ctx, const struct reconciliation *run, int due_in_s)
{
    (void) ctx;
    (void) due_in_s;
    stored = *run;
}

const struct problem *store_reconciliation_find(struct ctx *ctx, const char *id,
                                                struct reconciliation *run_out, bool *found_out)
{
    (void) ctx;
    (void) id;
    *run_out = stored;
    *found_out = true;
    return OK;
}

static bool is_asked_for(const struct book_entry *entry, const char *const *refs, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(refs[i], entry->ref) == 0)
            return true;
    return false;
}

const struct problem *store_book_find(struct ctx *ctx, const char *provider, enum book_kind kind,
                                      const char *const *refs, int count, struct our_book *book_out)
{
    const struct our_book *book = find_count++ == 0 ? &ours : &ours_later;

    (void) provider;
    *book_out = (struct our_book) {
        .entries = arena_alloc(ctx->arena, sizeof(entries)), .owners = arena_alloc(ctx->arena, sizeof(owners)),
    };
    for (int i = 0; i < book->count && kind == BOOK_CHARGES; i++)
        if (is_asked_for(&book->entries[i], refs, count)) {
            book_out->entries[book_out->count] = book->entries[i];
            book_out->owners[book_out->count++] = owners[i];
        }
    return OK;
}

const struct problem *store_ledger_unconfirmed(struct ctx *ctx, const char *provider, int64_t day_ms,
                                               const char *after_id,
                                               struct ledger_row rows_out[LEDGER_ROWS_MAX], int *count_out)
{
    (void) ctx;
    (void) provider;
    (void) day_ms;
    *count_out = 0;
    for (int i = 0; i < unconfirmed_count; i++)
        if (strcmp(unconfirmed[i].id, after_id) > 0)
            rows_out[(*count_out)++] = unconfirmed[i];
    return OK;
}

void store_ledger_confirm(struct ctx *ctx, const struct reconciliation *run,
                          const struct confirmation *confirmation)
{
    (void) ctx;
    (void) run;
    confirmations[confirmation_count++] = *confirmation;
}

void store_finding_put(struct ctx *ctx, const struct reconciliation *run, const struct finding *finding)
{
    (void) ctx;
    (void) run;
    findings[finding_count++] = *finding;
}

/* --- The provider -------------------------------------------------------------------------- */

static struct provider provider;
static struct provider_book_entry told[4];
static int told_count, told_pages;      /* of charges; a page each */
static bool is_silent;

static const struct problem *write_list_book(struct ctx *ctx, enum book_kind kind, int64_t from_s, int64_t to_s,
                                             const char *after, struct provider_request *request_out)
{
    assert_int_equal(from_s, DAY / 1000);
    assert_int_equal(to_s, DAY / 1000 + 24 * 3600);
    *request_out = (struct provider_request) {
        .operation = OP_LIST_BOOK, .method = "GET", .idempotency_key = "",
        .path = arena_printf(ctx->arena, "%s%s", kind == BOOK_CHARGES ? "/charges" : "/others", after),
    };
    return OK;
}

static void call(struct ctx *ctx, const struct provider *to, const struct provider_request *request,
                 struct provider_reply *reply_out)
{
    if (request->operation != OP_LIST_BOOK) {
        fake_stripe.call(ctx, to, request, reply_out);
        return;
    }
    *reply_out = (struct provider_reply) { .http_status = is_silent ? 503 : 200, .complete = true,
                                           .body = bytes_of(request->path), .request_id = "", .error = "" };
}

/* Pages hold one object each, and the first charge comes again at the head of the second page. */
static bool read_book(struct ctx *ctx, const struct provider *from, enum book_kind kind,
                      const struct provider_reply *reply, struct provider_book_page *page_out)
{
    const int page = reply->body.size > strlen("/charges") ? reply->body.data[strlen("/charges")] - '0' : 0;

    (void) from;
    if (reply->http_status != 200)
        return false;
    *page_out = (struct provider_book_page) { .entries = arena_alloc(ctx->arena, sizeof(told)), .after = "" };
    for (int i = 0; i < told_count && kind == BOOK_CHARGES; i++)
        page_out->entries[page_out->count++] = told[i];
    if (kind == BOOK_CHARGES && page + 1 < told_pages)
        page_out->after = arena_printf(ctx->arena, "%d", page + 1);
    return true;
}

/* --- The world ----------------------------------------------------------------------------- */

static int set_up(void **state)
{
    set_up_world(state);
    stored = (struct reconciliation) { .id = "rec_1" };
    ours = (struct our_book) { .entries = entries, .owners = owners };
    ours_later = (struct our_book) { .entries = entries_later, .owners = owners };
    memset(entries, 0, sizeof(entries));
    memset(owners, 0, sizeof(owners));
    memset(told, 0, sizeof(told));
    unconfirmed_count = find_count = finding_count = confirmation_count = told_count = 0;
    told_pages = 1;
    is_silent = false;
    provider = fake_stripe;
    provider.call = call;
    provider.write_list_book = write_list_book;
    provider.read_book = read_book;
    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    checkout_answer("alice", "abc-123", NULL);
    return 0;
}

static struct book_entry charge(const char *ref, int64_t minor)
{
    struct book_entry entry = { .moved = { minor, "USD" }, .at_ms = DAY + 1000 };

    snprintf(entry.ref, sizeof(entry.ref), "%s", ref);
    return entry;
}

/* In order of their names. */
static void given_ours(const char *ref, int64_t minor, int64_t minor_later)
{
    entries[ours.count] = charge(ref, minor);
    entries_later[ours.count] = charge(ref, minor_later);
    owners[ours.count].payment_id = last_payment()->id;
    owners[ours.count].order_id = last_payment()->order_id;
    ours.count++;
    ours_later.count++;
}

static void given_theirs(const char *ref, int64_t minor)
{
    struct provider_book_entry *entry = &told[told_count++];

    entry->entry = charge(ref, minor);
    snprintf(entry->told_ref, sizeof(entry->told_ref), "ch_%s", ref);
    snprintf(entry->payment.intent, sizeof(entry->payment.intent), "%s", ref);
    authorship_prove(NULL, last_payment(), entry->payment.proof);
}

static enum reconcile_result compare(bool restart)
{
    enum reconcile_result result;
    struct reconciliation run;

    assert_null(reconcile_day(given_a_request_of_an_admin(), &provider, DAY, restart, &run, &result));
    return result;
}

/* --- Their book ---------------------------------------------------------------------------- */

static void what_agrees_is_confirmed_and_no_finding(void **state)
{
    (void) state;
    given_ours("pi_1", 9999, 9999);
    given_theirs("pi_1", 9999);
    told[0].fee_told = true;
    told[0].fee_minor = 320;
    assert_int_equal(compare(true), RECONCILE_THROUGH);
    assert_int_equal(finding_count, 0);
    assert_int_equal(confirmation_count, 1);
    assert_string_equal(confirmations[0].told_ref, "ch_pi_1");
    assert_true(confirmations[0].fee_told && !confirmations[0].net_told);
    assert_int_equal(confirmations[0].fee_minor, 320);
    assert_int_equal(stored.compared, 1);
    assert_int_equal(stored.state, RECONCILE_DONE);
}

static void what_differs_is_asked_for_and_compared_again(void **state)
{
    const int calls = fake_provider_call_count();
    (void) state;

    given_ours("pi_1", 6000, 9999);
    given_theirs("pi_1", 9999);
    assert_int_equal(compare(true), RECONCILE_THROUGH);
    assert_true(fake_provider_call_count() > calls);
    assert_int_equal(finding_count, 1);
    assert_int_equal(findings[0].kind, BOOKS_OTHER_AMOUNT);
    assert_int_equal(findings[0].state, FINDING_HEALED);
    assert_int_equal(findings[0].ours.moved.minor, 9999);
    assert_string_equal(findings[0].owner.payment_id.text, last_payment()->id.text);
    assert_string_equal(findings[0].evidence,
                        arena_printf(the_arena, "{\"object\":\"ch_pi_1\",\"intent\":\"pi_1\",\"proof\":\"%s\"}",
                                     told[0].payment.proof));
}

static void what_differs_still_is_a_humans(void **state)
{
    (void) state;
    given_ours("pi_1", 6000, 6000);
    given_theirs("pi_1", 9999);
    assert_int_equal(compare(true), RECONCILE_THROUGH);
    assert_int_equal(finding_count, 1);
    assert_int_equal(findings[0].state, FINDING_OPEN);
    assert_true(findings[0].note[0] != '\0');
}

static void another_day_is_found_and_nobody_is_asked(void **state)
{
    const int calls = fake_provider_call_count();
    (void) state;

    given_ours("pi_1", 9999, 9999);
    given_theirs("pi_1", 9999);
    entries[0].at_ms -= DAY_MS;
    assert_int_equal(compare(true), RECONCILE_THROUGH);
    assert_int_equal(fake_provider_call_count(), calls);
    assert_int_equal(findings[0].kind, BOOKS_OTHER_DAY);
    assert_int_equal(findings[0].state, FINDING_OPEN);
}

static void what_is_of_another_mode_or_names_nothing_is_counted(void **state)
{
    const int calls = fake_provider_call_count();
    (void) state;

    given_theirs("pi_1", 9999);
    told[0].other_mode = true;
    given_theirs("ch_2", 9999);
    told[1].payment.intent[0] = '\0';
    assert_int_equal(compare(true), RECONCILE_THROUGH);
    assert_int_equal(fake_provider_call_count(), calls);
    assert_int_equal(stored.foreigners, 2);
    assert_int_equal(finding_count + confirmation_count, 0);
}

static void an_object_that_a_page_names_twice_counts_once(void **state)
{
    (void) state;
    given_ours("pi_1", 9999, 9999);
    given_theirs("pi_1", 9999);
    given_theirs("pi_1", 9999);
    assert_int_equal(compare(true), RECONCILE_THROUGH);
    assert_int_equal(stored.compared, 1);
    assert_int_equal(confirmation_count, 1);
}

static void a_provider_that_does_not_answer_leaves_the_day_where_it_is(void **state)
{
    (void) state;
    given_ours("pi_1", 9999, 9999);
    given_theirs("pi_1", 9999);
    is_silent = true;
    assert_int_equal(compare(true), RECONCILE_NO_ANSWER);
    assert_int_equal(stored.step, STEP_CHARGES);
    assert_string_equal(stored.error, "the provider answered 503");
    assert_int_equal(stored.state, RECONCILE_WAITING);
    is_silent = false;
    assert_int_equal(compare(false), RECONCILE_THROUGH);
    assert_string_equal(stored.error, "");
    assert_int_equal(stored.passes, 1);
}

static void a_day_of_many_pages_goes_on_where_it_stopped(void **state)
{
    (void) state;
    told_pages = RECONCILE_PAGES_AT_ONCE;       /* of charges; three more steps follow */
    assert_int_equal(compare(true), RECONCILE_GOES_ON);
    assert_int_equal(stored.step, STEP_REFUNDS);
    assert_int_equal(compare(false), RECONCILE_THROUGH);
    assert_int_equal(stored.passes, 1);
}

static void booked_money_whose_object_proves_nothing_is_a_humans(void **state)
{
    (void) state;
    given_ours("pi_1", 9999, 9999);
    given_theirs("pi_1", 9999);
    told[0].payment.proof[0] = '\0';
    assert_int_equal(compare(true), RECONCILE_THROUGH);
    assert_int_equal(finding_count, 1);
    assert_int_equal(findings[0].kind, BOOKS_MISSING_THERE);
    assert_int_equal(findings[0].state, FINDING_OPEN);
    assert_string_equal(findings[0].theirs.ref, "pi_1");
    assert_int_equal(confirmation_count, 1);
}

static void money_from_before_there_were_proofs_needs_none(void **state)
{
    (void) state;
    last_payment()->authored = false;
    given_ours("pi_1", 9999, 9999);
    given_theirs("pi_1", 9999);
    told[0].payment.proof[0] = '\0';
    assert_int_equal(compare(true), RECONCILE_THROUGH);
    assert_int_equal(finding_count, 0);
}

static void a_proof_is_for_the_amount_of_the_payment(void **state)
{
    (void) state;
    given_ours("pi_1", 6000, 6000);
    given_theirs("pi_1", 6000);
    assert_int_equal(compare(true), RECONCILE_THROUGH);
    assert_int_equal(finding_count, 0);
}

/* --- Our book ------------------------------------------------------------------------------ */

static void given_unconfirmed(const char *id, bool elsewhere)
{
    struct ledger_row *row = &unconfirmed[unconfirmed_count++];

    *row = (struct ledger_row) { .kind = elsewhere ? BOOK_REFUNDS : BOOK_CHARGES, .entry = charge(id, 9999),
                                 .owner = { .payment_id = last_payment()->id, .elsewhere = elsewhere } };
    snprintf(row->id, sizeof(row->id), "%s", id);
}

static void what_no_list_named_is_asked_for_by_name(void **state)
{
    (void) state;
    fake_provider_object(0)->state = FAKE_PAID;
    given_unconfirmed("txn_1", false);
    assert_int_equal(compare(true), RECONCILE_THROUGH);
    assert_int_equal(finding_count, 0);
    assert_int_equal(confirmation_count, 1);
    assert_int_equal(confirmations[0].told_at_ms, 0);
}

static void what_the_provider_lacks_is_found(void **state)
{
    (void) state;
    given_unconfirmed("txn_1", false);          /* its page is open: nobody has paid */
    assert_int_equal(compare(true), RECONCILE_THROUGH);
    assert_int_equal(finding_count, 1);
    assert_int_equal(findings[0].kind, BOOKS_MISSING_THERE);
    assert_int_equal(findings[0].state, FINDING_OPEN);
    assert_string_equal(findings[0].theirs.ref, "");
    assert_int_equal(confirmation_count, 0);
}

static void a_refund_by_other_means_is_explained(void **state)
{
    const int calls = fake_provider_call_count();
    (void) state;

    given_unconfirmed("txn_1", true);
    assert_int_equal(compare(true), RECONCILE_THROUGH);
    assert_int_equal(fake_provider_call_count(), calls);
    assert_int_equal(findings[0].state, FINDING_EXPLAINED);
}

static void silence_about_a_row_is_no_finding(void **state)
{
    (void) state;
    fake_provider_object(0)->state = FAKE_PAID;
    given_unconfirmed("txn_1", false);
    given_unconfirmed("txn_2", false);
    fake_provider_will(FAKE_ANSWERS);
    fake_provider_will(FAKE_IS_DOWN);
    assert_int_equal(compare(true), RECONCILE_NO_ANSWER);
    assert_int_equal(finding_count, 0);
    assert_int_equal(confirmation_count, 1);
    assert_string_equal(stored.page_after, "txn_1");
    assert_int_equal(compare(false), RECONCILE_THROUGH);
    assert_int_equal(confirmation_count, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down_world)
    const struct CMUnitTest tests[] = {
        TEST(what_agrees_is_confirmed_and_no_finding),
        TEST(what_differs_is_asked_for_and_compared_again),
        TEST(what_differs_still_is_a_humans),
        TEST(another_day_is_found_and_nobody_is_asked),
        TEST(what_is_of_another_mode_or_names_nothing_is_counted),
        TEST(an_object_that_a_page_names_twice_counts_once),
        TEST(a_provider_that_does_not_answer_leaves_the_day_where_it_is),
        TEST(a_day_of_many_pages_goes_on_where_it_stopped),
        TEST(booked_money_whose_object_proves_nothing_is_a_humans),
        TEST(money_from_before_there_were_proofs_needs_none),
        TEST(a_proof_is_for_the_amount_of_the_payment),
        TEST(what_no_list_named_is_asked_for_by_name),
        TEST(what_the_provider_lacks_is_found),
        TEST(a_refund_by_other_means_is_explained),
        TEST(silence_about_a_row_is_no_finding),
    };

    return cmocka_run_group_tests_name("reconcile", tests, NULL, NULL);
}
