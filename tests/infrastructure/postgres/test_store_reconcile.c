/*
 * Days that are compared, what was found on them, and what was told of the ledger: on a real PostgreSQL.
 */
#include "store_world.h"

#include <stdio.h>

#include "application/store/store_findings.h"

#define DELAY_S 10800

static int64_t today_ms;

static int given_no_day(void **state)
{
    sql_run("SET session_replication_role = replica;"
            "DELETE FROM payapi.ledger_confirmations; DELETE FROM payapi.reconciliation_findings;"
            "DELETE FROM payapi.reconciliations; SET session_replication_role = origin");
    today_ms = sql_number("SELECT extract(epoch FROM date_trunc('day', now(), 'UTC'))::bigint") * 1000;
    return given_one_worker(state);
}

static const struct problem *commit(struct ctx *ctx)
{
    const struct problem *problem = store_commit(ctx);

    store_rollback_if_open(ctx);
    return problem;
}

static bool claim(struct ctx *ctx, int64_t day_ms, bool restart, struct reconciliation *run)
{
    bool claimed;

    store_reconcile_add(ctx, "stripe", day_ms, true);
    assert_ok(store_reconcile_claim(ctx, "stripe", day_ms, restart, run, &claimed));
    return claimed;
}

static bool claim_due(struct ctx *ctx, struct reconciliation *run)
{
    bool claimed;

    assert_ok(store_reconcile_claim_due(ctx, "stripe", DELAY_S, run, &claimed));
    return claimed;
}

static const struct problem *end(struct ctx *ctx, const struct reconciliation *run, int due_in_s)
{
    store_begin(ctx);
    store_reconcile_end(ctx, run, due_in_s);
    return commit(ctx);
}

static void end_as_done(struct ctx *ctx, struct reconciliation *run)
{
    run->state = RECONCILE_DONE;
    assert_ok(end(ctx, run, 0));
}

static void put(struct ctx *ctx, const struct reconciliation *run, const struct finding *finding)
{
    store_begin(ctx);
    store_finding_put(ctx, run, finding);
    assert_ok(commit(ctx));
}

static struct finding some_finding(enum finding_state state)
{
    return (struct finding) {
        .kind = BOOKS_MISSING_HERE, .object = BOOK_CHARGES, .ref = "pi_1",
        .theirs = { .ref = "pi_1", .moved = { 9999, "USD" }, .at_ms = today_ms },
        .evidence = "{\"object\":\"ch_1\"}", .state = state, .note = "nobody knows",
    };
}

/* --- Days ---------------------------------------------------------------------------------- */

static void a_day_is_worked_on_by_one_at_a_time(void **state)
{
    struct ctx *ctx = *state;
    struct reconciliation run, other;

    assert_true(claim(ctx, today_ms, true, &run));
    assert_int_equal(run.day_ms, today_ms);
    assert_int_equal(run.passes, 1);
    assert_int_equal(run.step, STEP_CHARGES);
    assert_false(claim(ctx, today_ms, true, &other));
    assert_false(claim_due(ctx, &other));
}

static void a_place_that_was_saved_is_where_the_next_one_goes_on(void **state)
{
    struct ctx *ctx = *state;
    struct reconciliation run, next;

    assert_true(claim(ctx, today_ms, true, &run));
    run.step = STEP_REFUNDS;
    run.compared = 7;
    run.foreigners = 2;
    snprintf(run.page_after, sizeof(run.page_after), "re_9");
    store_begin(ctx);
    store_reconcile_save(ctx, &run);
    assert_ok(commit(ctx));
    sql_run("UPDATE payapi.reconciliations SET lease_until = now()");
    assert_true(claim(ctx, today_ms, false, &next));
    assert_int_equal(next.step, STEP_REFUNDS);
    assert_string_equal(next.page_after, "re_9");
    assert_int_equal(next.compared, 7);
    assert_int_equal(next.foreigners, 2);
    assert_int_equal(next.passes, 1);
}

static void an_old_runner_cannot_write_any_more(void **state)
{
    struct ctx *ctx = *state;
    struct reconciliation run, next;

    assert_true(claim(ctx, today_ms, true, &run));
    sql_run("UPDATE payapi.reconciliations SET lease_until = now()");
    assert_true(claim(ctx, today_ms, true, &next));
    store_begin(ctx);
    store_reconcile_save(ctx, &run);
    assert_problem(commit(ctx), PROBLEM_REQUEST_IN_PROGRESS, true);
    assert_problem(end(ctx, &run, 0), PROBLEM_REQUEST_IN_PROGRESS, true);
    assert_ok(end(ctx, &next, 0));
}

static void a_new_pass_begins_at_the_first_book(void **state)
{
    struct ctx *ctx = *state;
    struct reconciliation run;

    assert_true(claim(ctx, today_ms, true, &run));
    run.step = STEP_OURS;
    run.compared = 9;
    store_begin(ctx);
    store_reconcile_save(ctx, &run);
    assert_ok(commit(ctx));
    end_as_done(ctx, &run);
    assert_true(claim(ctx, today_ms, false, &run));
    assert_int_equal(run.passes, 2);
    assert_int_equal(run.step, STEP_CHARGES);
    assert_int_equal(run.compared, 0);
    assert_int_equal(run.finished_at_ms, 0);
}

static void a_provider_that_did_not_answer_is_asked_later(void **state)
{
    struct ctx *ctx = *state;
    struct reconciliation run, next;
    bool found;

    assert_true(claim(ctx, today_ms - 2 * DAY_MS, true, &run));
    snprintf(run.error, sizeof(run.error), "the provider answered 503");
    assert_ok(end(ctx, &run, 900));
    assert_false(claim_due(ctx, &next));
    assert_ok(store_reconciliation_find(ctx, run.id, &next, &found));
    assert_true(found && next.state == RECONCILE_RUNNING);
    assert_string_equal(next.error, "the provider answered 503");
    sql_run("UPDATE payapi.reconciliations SET next_at = now()");
    assert_true(claim_due(ctx, &next));
    assert_string_equal(next.error, "");
    assert_int_equal(next.passes, 1);
}

/* --- What is due --------------------------------------------------------------------------- */

static void a_day_is_due_once_it_is_over_and_its_delay_has_passed(void **state)
{
    struct ctx *ctx = *state;
    struct reconciliation run;

    store_reconcile_add(ctx, "stripe", today_ms, true);
    assert_false(claim_due(ctx, &run));
    store_reconcile_add(ctx, "stripe", today_ms - 3 * DAY_MS, true);
    store_reconcile_add(ctx, "stripe", today_ms - 2 * DAY_MS, true);
    store_reconcile_add(ctx, "paystack", today_ms - 4 * DAY_MS, true);
    assert_true(claim_due(ctx, &run));
    assert_int_equal(run.day_ms, today_ms - 3 * DAY_MS);        /* the oldest, and stripe's */
    end_as_done(ctx, &run);
    assert_true(claim_due(ctx, &run));
    assert_int_equal(run.day_ms, today_ms - 2 * DAY_MS);
    end_as_done(ctx, &run);
    assert_false(claim_due(ctx, &run));
}

static void a_day_that_was_compared_before_it_was_over_is_due_again(void **state)
{
    struct ctx *ctx = *state;
    struct reconciliation run;

    assert_true(claim(ctx, today_ms - 2 * DAY_MS, true, &run));
    end_as_done(ctx, &run);
    sql_run("UPDATE payapi.reconciliations SET started_at = day::timestamp AT TIME ZONE 'UTC' + interval '20 hours'");
    assert_true(claim_due(ctx, &run));
    assert_int_equal(run.passes, 2);
}

static void a_day_with_an_open_finding_is_due_once_a_day_for_a_week(void **state)
{
    struct ctx *ctx = *state;
    struct finding open = some_finding(FINDING_OPEN);
    struct reconciliation run;

    assert_true(claim(ctx, today_ms - 3 * DAY_MS, true, &run));
    put(ctx, &run, &open);
    end_as_done(ctx, &run);
    assert_false(claim_due(ctx, &run));
    sql_run("UPDATE payapi.reconciliations SET finished_at = now() - interval '25 hours'");
    assert_true(claim_due(ctx, &run));
    end_as_done(ctx, &run);                                     /* not seen any more: healed */
    sql_run("UPDATE payapi.reconciliations SET finished_at = now() - interval '25 hours'");
    assert_false(claim_due(ctx, &run));
}

static void no_day_before_the_first_payment_is_made_up_for(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    bool claimed;
    struct reconciliation run;

    given_a_payment(ctx, &order);
    store_reconcile_add(ctx, "stripe", today_ms - 30 * DAY_MS, false);
    assert_ok(store_reconcile_claim(ctx, "stripe", today_ms - 30 * DAY_MS, true, &run, &claimed));
    assert_false(claimed);
    store_reconcile_add(ctx, "stripe", today_ms, false);
    assert_ok(store_reconcile_claim(ctx, "stripe", today_ms, true, &run, &claimed));
    assert_true(claimed);
}

#define RIVALS 8
static int winners;

static void claim_as_rival(struct ctx *worker, int number)
{
    struct reconciliation run;
    bool claimed;

    (void) number;
    assert_ok(store_reconcile_claim_due(worker, "stripe", DELAY_S, &run, &claimed));
    __atomic_add_fetch(&winners, claimed, __ATOMIC_SEQ_CST);
}

static void of_many_runners_one_gets_the_day(void **state)
{
    struct ctx *ctx = *state;

    store_begin(ctx);
    store_reconcile_add(ctx, "stripe", today_ms - 2 * DAY_MS, true);
    assert_ok(commit(ctx));
    winners = 0;
    at_once(RIVALS, claim_as_rival);
    assert_int_equal(winners, 1);
}

/* --- Findings ------------------------------------------------------------------------------ */

static void a_finding_is_there_once_and_says_what_is_so_now(void **state)
{
    struct ctx *ctx = *state;
    struct finding finding = some_finding(FINDING_OPEN), *found;
    struct reconciliation run;
    int count;

    assert_true(claim(ctx, today_ms, true, &run));
    put(ctx, &run, &finding);
    finding.state = FINDING_HEALED;
    snprintf(finding.note, sizeof(finding.note), "booked");
    put(ctx, &run, &finding);
    assert_ok(store_findings_list(ctx, run.id, 0, &found, &count));
    assert_int_equal(count, 1);
    assert_int_equal(found[0].kind, BOOKS_MISSING_HERE);
    assert_int_equal(found[0].object, BOOK_CHARGES);
    assert_int_equal(found[0].state, FINDING_HEALED);
    assert_string_equal(found[0].note, "booked");
    assert_string_equal(found[0].ours.ref, "");
    assert_int_equal(found[0].theirs.moved.minor, 9999);
    assert_int_equal(found[0].theirs.at_ms, today_ms);
    assert_ok(store_findings_list(ctx, run.id, found[0].number, &found, &count));
    assert_int_equal(count, 0);
}

static void explain_it(struct ctx *ctx, int64_t number)
{
    store_begin(ctx);
    store_finding_explain(ctx, number, "a test charge");
    assert_ok(commit(ctx));
}

static void what_a_human_explained_stays_so_while_both_sides_stay(void **state)
{
    struct ctx *ctx = *state;
    struct finding finding = some_finding(FINDING_OPEN), *found;
    struct found_finding locked;
    struct reconciliation run;
    int count;

    assert_true(claim(ctx, today_ms, true, &run));
    put(ctx, &run, &finding);
    assert_ok(store_findings_list(ctx, run.id, 0, &found, &count));
    explain_it(ctx, found[0].number);
    put(ctx, &run, &finding);
    store_begin(ctx);
    assert_ok(store_finding_lock(ctx, found[0].number, &locked));
    assert_ok(commit(ctx));
    assert_true(locked.found);
    assert_string_equal(locked.reconciliation_id, run.id);
    assert_int_equal(locked.finding.state, FINDING_EXPLAINED);
    assert_string_equal(locked.finding.note, "a test charge");

    finding.theirs.moved.minor = 9000;
    put(ctx, &run, &finding);
    assert_ok(store_findings_list(ctx, run.id, 0, &found, &count));
    assert_int_equal(found[0].state, FINDING_OPEN);
    assert_string_equal(found[0].note, "nobody knows");
    finding.theirs.moved.minor = 9999;
    put(ctx, &run, &finding);
    assert_ok(store_findings_list(ctx, run.id, 0, &found, &count));
    assert_int_equal(found[0].state, FINDING_OPEN);
}

static void what_the_last_pass_did_not_meet_is_healed(void **state)
{
    struct ctx *ctx = *state;
    struct finding gone = some_finding(FINDING_OPEN), still = some_finding(FINDING_OPEN);
    struct reconciliation run;
    bool found;

    snprintf(still.ref, sizeof(still.ref), "pi_2");
    assert_true(claim(ctx, today_ms, true, &run));
    put(ctx, &run, &gone);
    put(ctx, &run, &still);
    end_as_done(ctx, &run);
    assert_ok(store_reconciliation_find(ctx, run.id, &run, &found));
    assert_int_equal(run.open, 2);
    assert_true(claim(ctx, today_ms, true, &run));
    put(ctx, &run, &still);
    end_as_done(ctx, &run);
    assert_ok(store_reconciliation_find(ctx, run.id, &run, &found));
    assert_int_equal(run.open, 1);
    assert_int_equal(run.healed, 1);
}

/* --- The ledger ---------------------------------------------------------------------------- */

static struct payment given_a_booked_charge(struct ctx *ctx, const char *intent)
{
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    snprintf(payment.provider_intent, sizeof(payment.provider_intent), "%s", intent);
    given_captured(ctx, &payment);
    store_begin(ctx);
    store_movement_insert(ctx, &payment, &(struct movement) {
        .kind = MOVEMENT_CHARGE, .amount_minor = payment.amount.minor, .provider_ref = intent,
        .occurred_at_ms = ctx->now_ms });
    assert_ok(commit(ctx));
    return payment;
}

static void our_side_is_found_by_name_and_sorted(void **state)
{
    struct ctx *ctx = *state;
    const char *const refs[] = { "pi_b", "pi_nowhere", "pi_B" };
    struct payment second = given_a_booked_charge(ctx, "pi_b"), first = given_a_booked_charge(ctx, "pi_B");
    struct our_book book;

    assert_ok(store_book_find(ctx, "stripe", BOOK_CHARGES, refs, 3, &book));
    assert_int_equal(book.count, 2);
    assert_string_equal(book.entries[0].ref, "pi_B");
    assert_string_equal(book.owners[0].payment_id.text, first.id.text);
    assert_string_equal(book.owners[1].payment_id.text, second.id.text);
    assert_int_equal(book.entries[1].moved.minor, second.amount.minor);
    assert_true(book.entries[1].at_ms > 0);
    assert_ok(store_book_find(ctx, "paystack", BOOK_CHARGES, refs, 3, &book));
    assert_int_equal(book.count, 0);
    assert_ok(store_book_find(ctx, "stripe", BOOK_CHARGES, refs, 0, &book));
    assert_int_equal(book.count, 0);
}

static int unconfirmed(struct ctx *ctx, struct payment_id id)
{
    struct ledger_row rows[LEDGER_ROWS_MAX];
    const char *after = "";
    int count, found = 0;

    do {
        assert_ok(store_ledger_unconfirmed(ctx, "stripe", today_ms, after, rows, &count));
        for (int i = 0; i < count; i++)
            found += strcmp(rows[i].owner.payment_id.text, id.text) == 0;
        after = count > 0 ? arena_strdup(ctx->arena, rows[count - 1].id) : "";
    } while (count == LEDGER_ROWS_MAX);
    return found;
}

static void confirm(struct ctx *ctx, const struct reconciliation *run, struct confirmation told)
{
    store_begin(ctx);
    store_ledger_confirm(ctx, run, &told);
    assert_ok(commit(ctx));
}

static void a_fee_is_written_when_it_is_told_and_once(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_a_booked_charge(ctx, "pi_fee");
    struct confirmation told = { .kind = BOOK_CHARGES, .owner.payment_id = payment.id, .ref = "pi_fee",
                                 .told_ref = "ch_fee", .told_at_ms = today_ms };
    struct reconciliation run;

    assert_true(claim(ctx, today_ms, true, &run));
    assert_int_equal(unconfirmed(ctx, payment.id), 1);
    confirm(ctx, &run, told);
    assert_int_equal(unconfirmed(ctx, payment.id), 0);
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.ledger_confirmations WHERE fee_minor IS NULL"), 1);
    told.fee_told = told.net_told = true;
    told.fee_minor = 320;
    told.net_minor = 9679;
    snprintf(told.settled_currency, sizeof(told.settled_currency), "USD");
    confirm(ctx, &run, told);
    told.fee_minor = 999;
    confirm(ctx, &run, told);
    assert_string_equal(sql_text("SELECT fee_minor || ' ' || net_minor || ' ' || settled_currency"
                                 " FROM payapi.ledger_confirmations"), "320 9679 USD");
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_no_day, dismiss_one_worker)
    const struct CMUnitTest tests[] = {
        TEST(a_day_is_worked_on_by_one_at_a_time),
        TEST(a_place_that_was_saved_is_where_the_next_one_goes_on),
        TEST(an_old_runner_cannot_write_any_more),
        TEST(a_new_pass_begins_at_the_first_book),
        TEST(a_provider_that_did_not_answer_is_asked_later),
        TEST(a_day_is_due_once_it_is_over_and_its_delay_has_passed),
        TEST(a_day_that_was_compared_before_it_was_over_is_due_again),
        TEST(a_day_with_an_open_finding_is_due_once_a_day_for_a_week),
        TEST(no_day_before_the_first_payment_is_made_up_for),
        TEST(of_many_runners_one_gets_the_day),
        TEST(a_finding_is_there_once_and_says_what_is_so_now),
        TEST(what_a_human_explained_stays_so_while_both_sides_stay),
        TEST(what_the_last_pass_did_not_meet_is_healed),
        TEST(our_side_is_found_by_name_and_sorted),
        TEST(a_fee_is_written_when_it_is_told_and_once),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store_reconcile", tests, NULL, NULL);
}
