/* What the proof of the audit must find, done to a real log by a superuser with triggers off. */
#include "store_world.h"

#include <stdio.h>
#include <unistd.h>

#include "application/commands.h"
#include "application/queries.h"
#include "infrastructure/audit_key_file.h"

static struct settings settings;                /* with a key of this program's own */

/* --- Given --------------------------------------------------------------------------------- */

static int given_a_sealing_worker(void **state)
{
    given_one_worker(state);
    ((struct ctx *) *state)->settings = &settings;
    sql_run("SET session_replication_role = replica");
    sql_run("DELETE FROM payapi.audit_checkpoints");
    sql_run("DELETE FROM payapi.audit_log");
    sql_run("DELETE FROM payapi.payments");
    return 0;
}

/* Its chain has three rows. */
static struct payment given_an_audited_payment(struct ctx *ctx)
{
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    for (int i = 0; i < 3; i++) {
        store_begin(ctx);
        store_audit_insert(ctx, order.id, payment.id, "status",
                           bytes_of(arena_printf(ctx->arena, "{\"step\":%d}", i)));
        assert_ok(store_commit(ctx));
    }
    return payment;
}

static void given_an_audited_order(struct ctx *ctx)
{
    struct payment_id none = { "" };
    struct order order = given_an_order(ctx);

    store_begin(ctx);
    store_audit_insert(ctx, order.id, none, "order.created", bytes_of("{}"));
    assert_ok(store_commit(ctx));
}

static int checkpoint(struct ctx *ctx)
{
    int made;

    assert_ok(checkpoint_audit(ctx, &made));
    return made;
}

static struct audit_report *verify(struct ctx *ctx, const struct kept_checkpoint *kept, int count)
{
    struct audit_report *report = arena_alloc(ctx->arena, sizeof(*report));

    assert_ok(verify_audit(ctx, kept, count, report));
    return report;
}

static bool finds(struct ctx *ctx, const char *kind)
{
    const struct audit_report *report = verify(ctx, NULL, 0);

    for (int i = 0; i < report->finding_count; i++)
        if (strcmp(report->findings[i].kind, kind) == 0)
            return true;
    return false;
}

/* The chain of the payment once more from its fields, and its head: as an insider would. */
static void rewrite_chain(const struct payment *payment)
{
    sql_run("DO $$ DECLARE r record; h bytea := sha256(''); n bigint := 0; BEGIN"
            " FOR r IN SELECT * FROM payapi.audit_log WHERE payment_id = '%s' ORDER BY seq LOOP"
            "  n := n + 1;"
            "  UPDATE payapi.audit_log SET seq = n, prev = h, hash = sha256(h || payapi.audit_text("
            "   r.payment_id, n, r.at_us, r.actor, r.action, r.body, r.trace_id))"
            "   WHERE audit_id = r.audit_id RETURNING hash INTO h;"
            " END LOOP;"
            " UPDATE payapi.audit_heads SET seq = n, hash = h WHERE payment_id = '%s';"
            " END $$", payment->id.text, payment->id.text);
}

/* --- A whole log --------------------------------------------------------------------------- */

static void a_whole_log_is_proved(void **state)
{
    struct ctx *ctx = *state;
    const struct audit_report *report;

    given_an_audited_payment(ctx);
    given_an_audited_payment(ctx);
    given_an_audited_order(ctx);
    assert_int_equal(checkpoint(ctx), 1);
    given_an_audited_payment(ctx);
    assert_int_equal(checkpoint(ctx), 1);

    report = verify(ctx, NULL, 0);
    assert_int_equal(report->finding_count, 0);
    assert_int_equal(report->chains, 3);
    assert_int_equal(report->rows, 9);
    assert_int_equal(report->checkpoints, 2);
}

static void what_did_not_grow_needs_no_checkpoint(void **state)
{
    given_an_audited_payment(*state);
    assert_int_equal(checkpoint(*state), 1);
    assert_int_equal(checkpoint(*state), 0);
    assert_int_equal(sql_number("SELECT count(*) FROM payapi.audit_checkpoints"), 1);
}

static void a_row_of_a_running_transaction_waits_for_the_next_checkpoint(void **state)
{
    struct ctx *slow = given_a_worker();
    struct order order = given_an_order(*state);
    struct payment payment = given_a_payment(*state, &order);
    struct store_health found;

    store_begin(slow);
    store_audit_insert(slow, order.id, payment.id, "status", bytes_of("{}"));
    assert_ok(store_read_health(slow, &found));
    given_an_audited_payment(*state);           /* later, but committed earlier */
    assert_int_equal(checkpoint(*state), 0);
    assert_ok(store_commit(slow));
    assert_int_equal(checkpoint(*state), 1);
    assert_int_equal(sql_number("SELECT row_count FROM payapi.audit_checkpoints"), 4);
    assert_int_equal(verify(*state, NULL, 0)->finding_count, 0);
    dismiss(slow);
}

static void a_long_log_is_sealed_in_pieces(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);

    for (int part = 0; part < 2; part++)
        sql_run("SET session_replication_role = origin;"
                "INSERT INTO payapi.audit_log (order_id, actor, action, body, trace_id)"
                " SELECT '%s', 'jobs', 'x', '{}', 't' FROM generate_series(1, %d);"
                "SET session_replication_role = replica", order.id.text, CHECKPOINT_ROWS_MAX);
    assert_int_equal(checkpoint(ctx), 2);
    assert_int_equal(sql_number("SELECT sum(row_count) FROM payapi.audit_checkpoints"),
                     2 * CHECKPOINT_ROWS_MAX);
    assert_int_equal(verify(ctx, NULL, 0)->finding_count, 0);
}

static void a_checkpoint_race(struct ctx *worker, int number)
{
    int made;

    (void) number;
    worker->settings = &settings;
    (void) checkpoint_audit(worker, &made);
}

static void rival_runners_make_one_chain(void **state)
{
    for (int i = 0; i < 5; i++)
        given_an_audited_payment(*state);
    at_once(8, a_checkpoint_race);
    assert_int_equal(sql_number("SELECT sum(row_count) FROM payapi.audit_checkpoints"), 15);
    assert_int_equal(verify(*state, NULL, 0)->finding_count, 0);
}

/* --- What must be found -------------------------------------------------------------------- */

static void an_edited_row_is_found(void **state)
{
    struct payment payment = given_an_audited_payment(*state);

    sql_run("UPDATE payapi.audit_log SET body = '{\"step\":7}' WHERE payment_id = '%s' AND seq = 2",
            payment.id.text);
    assert_true(finds(*state, "altered"));
}

static void an_edited_row_without_a_chain_is_found(void **state)
{
    given_an_audited_order(*state);
    checkpoint(*state);
    assert_int_equal(verify(*state, NULL, 0)->finding_count, 0);
    sql_run("UPDATE payapi.audit_log SET actor = 'user:bob'");
    assert_true(finds(*state, "covered_rows_changed"));
}

static void a_row_moved_to_another_order_is_found(void **state)
{
    struct payment payment = given_an_audited_payment(*state);

    sql_run("UPDATE payapi.audit_log SET order_id = 'elsewhere' WHERE payment_id = '%s'",
            payment.id.text);
    assert_true(finds(*state, "other_order"));
}

static void a_deleted_row_is_found(void **state)
{
    struct payment payment = given_an_audited_payment(*state);

    sql_run("DELETE FROM payapi.audit_log WHERE payment_id = '%s' AND seq = 2", payment.id.text);
    assert_true(finds(*state, "gap"));
}

static void a_deleted_first_row_is_found(void **state)
{
    struct payment payment = given_an_audited_payment(*state);

    sql_run("DELETE FROM payapi.audit_log WHERE payment_id = '%s' AND seq = 1", payment.id.text);
    assert_true(finds(*state, "gap"));
}

static void a_cut_tail_is_found(void **state)
{
    struct payment payment = given_an_audited_payment(*state);

    sql_run("DELETE FROM payapi.audit_log WHERE payment_id = '%s' AND seq = 3", payment.id.text);
    assert_true(finds(*state, "head"));
}

static void a_chain_that_was_taken_out_whole_is_found(void **state)
{
    struct payment payment = given_an_audited_payment(*state);

    sql_run("DELETE FROM payapi.audit_log WHERE payment_id = '%s'", payment.id.text);
    assert_true(finds(*state, "head"));
}

static void a_cut_tail_with_a_corrected_head_is_found(void **state)
{
    struct payment payment = given_an_audited_payment(*state);

    checkpoint(*state);
    sql_run("DELETE FROM payapi.audit_log WHERE payment_id = '%s' AND seq = 3", payment.id.text);
    rewrite_chain(&payment);
    assert_false(finds(*state, "head"));
    assert_true(finds(*state, "covered_rows_changed"));
}

static void a_rewritten_chain_is_found(void **state)
{
    struct payment payment = given_an_audited_payment(*state);

    checkpoint(*state);
    sql_run("UPDATE payapi.audit_log SET body = '{\"step\":7}' WHERE payment_id = '%s' AND seq = 2",
            payment.id.text);
    rewrite_chain(&payment);
    assert_false(finds(*state, "altered"));
    assert_true(finds(*state, "covered_rows_changed"));
}

/* The insider computes the checkpoint too, hash included; only the key is not there to be had. */
static void a_rewritten_checkpoint_is_found(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_an_audited_payment(ctx);
    struct audit_checkpoint forged;
    struct digest *rows;
    int count;

    checkpoint(ctx);
    sql_run("UPDATE payapi.audit_log SET body = '{\"step\":7}' WHERE payment_id = '%s' AND seq = 2",
            payment.id.text);
    rewrite_chain(&payment);
    assert_ok(store_checkpoints_after(ctx, 0, &forged, &count));
    assert_ok(store_audit_leaves(ctx, forged.from_xid, forged.to_xid, &rows, &forged.row_count));
    forged.root = audit_checkpoint_root(rows, forged.row_count);
    forged.hash = audit_checkpoint_hash(&forged);
    sql_run("UPDATE payapi.audit_checkpoints SET root = '\\x%s', hash = '\\x%s'",
            hex_text(ctx->arena, forged.root.bytes, DIGEST_BYTES),
            hex_text(ctx->arena, forged.hash.bytes, DIGEST_BYTES));
    assert_false(finds(ctx, "covered_rows_changed"));
    assert_false(finds(ctx, "checkpoint_altered"));
    assert_true(finds(ctx, "checkpoint_unsigned"));
}

static void an_added_row_is_found(void **state)
{
    given_an_audited_order(*state);
    checkpoint(*state);
    sql_run("INSERT INTO payapi.audit_log (order_id, actor, action, body, trace_id, xid)"
            " SELECT order_id, 'admin:eve', 'reviewed', '{}', 't', xid FROM payapi.audit_log");
    assert_true(finds(*state, "covered_rows_changed"));
}

static void a_checkpoint_taken_out_is_found(void **state)
{
    for (int i = 0; i < 3; i++) {
        given_an_audited_payment(*state);
        checkpoint(*state);
    }
    sql_run("DELETE FROM payapi.audit_checkpoints WHERE checkpoint_no = 2");
    assert_true(finds(*state, "checkpoint_out_of_order"));
}

static struct kept_checkpoint keep_last(struct ctx *ctx, int64_t number)
{
    struct audit_checkpoint checkpoint;
    struct audit_checkpoint batch[CHECKPOINT_BATCH];
    int count;

    assert_ok(store_checkpoints_after(ctx, number - 1, batch, &count));
    checkpoint = batch[0];
    return (struct kept_checkpoint) { checkpoint.number, checkpoint.hash };
}

static void a_log_cut_with_its_checkpoints_is_found_by_a_kept_one(void **state)
{
    struct payment payment;
    struct kept_checkpoint kept;
    const struct audit_report *report;

    given_an_audited_payment(*state);
    checkpoint(*state);
    payment = given_an_audited_payment(*state);
    checkpoint(*state);
    kept = keep_last(*state, 2);
    sql_run("DELETE FROM payapi.audit_log WHERE payment_id = '%s'", payment.id.text);
    sql_run("DELETE FROM payapi.payments WHERE payment_id = '%s'", payment.id.text);
    sql_run("DELETE FROM payapi.audit_checkpoints WHERE checkpoint_no = 2");

    assert_int_equal(verify(*state, NULL, 0)->finding_count, 0);
    report = verify(*state, &kept, 1);
    assert_int_equal(report->finding_count, 1);
    assert_string_equal(report->findings[0].kind, "checkpoint_lost");
    assert_int_equal(report->findings[0].number, 2);
}

static void a_kept_checkpoint_of_another_log_differs(void **state)
{
    struct kept_checkpoint kept;

    given_an_audited_payment(*state);
    checkpoint(*state);
    kept = keep_last(*state, 1);
    assert_int_equal(verify(*state, &kept, 1)->finding_count, 0);
    kept.hash.bytes[0] ^= 1;
    assert_string_equal(verify(*state, &kept, 1)->findings[0].kind, "checkpoint_differs");
}

static void seals_without_a_key_are_not_taken_for_proved(void **state)
{
    static const struct settings no_key;
    struct ctx *ctx = *state;
    int made;

    given_an_audited_payment(ctx);
    checkpoint(ctx);
    ctx->settings = &no_key;
    assert_true(finds(ctx, "no_public_key"));
    assert_non_null(checkpoint_audit(ctx, &made));
}

static void a_restored_dump_is_refused_instead_of_left_uncovered(void **state)
{
    int made;

    given_an_audited_payment(*state);
    checkpoint(*state);
    sql_run("UPDATE payapi.audit_checkpoints SET to_xid = to_xid + 1000000");
    assert_non_null(checkpoint_audit(*state, &made));
    assert_int_equal(made, 0);
}

static bool rows_vanish;

extern __typeof__(store_audit_leaves) __real_store_audit_leaves, __wrap_store_audit_leaves;

/* Between the counting of the rows and their reading. */
const struct problem *__wrap_store_audit_leaves(struct ctx *ctx, int64_t from_xid, int64_t to_xid,
                                                struct digest **leaves_out, int64_t *count_out)
{
    if (rows_vanish)
        sql_run("DELETE FROM payapi.audit_log");
    return __real_store_audit_leaves(ctx, from_xid, to_xid, leaves_out, count_out);
}

static void rows_that_vanish_before_they_are_sealed_stop_nothing(void **state)
{
    given_an_audited_payment(*state);
    rows_vanish = true;
    assert_int_equal(checkpoint(*state), 0);
    rows_vanish = false;
    given_an_audited_order(*state);
    assert_int_equal(checkpoint(*state), 1);
}

/* --- The application's rights -------------------------------------------------------------- */

static void nobody_changes_a_checkpoint(void **state)
{
    given_an_audited_payment(*state);
    checkpoint(*state);
    sql_run("SET session_replication_role = origin");
    sql_run("DO $$ BEGIN UPDATE payapi.audit_checkpoints SET row_count = 1;"
            " RAISE 'it was changed'; EXCEPTION WHEN restrict_violation THEN NULL; END $$");
    sql_run("DO $$ BEGIN DELETE FROM payapi.audit_checkpoints;"
            " RAISE 'it was deleted'; EXCEPTION WHEN restrict_violation THEN NULL; END $$");
}

/* --- The list ------------------------------------------------------------------------------ */

static void the_list_pages_and_filters(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_an_audited_payment(ctx);
    struct audit_query query = { .payment_id = payment.id.text, .limit = 2 };
    struct audit_page page;

    given_an_audited_payment(ctx);
    assert_ok(list_audit(ctx, &query, &page));
    assert_int_equal(page.count, 2);
    assert_true(page.more);
    assert_int_equal(page.entries[0].seq, 3);
    query.after_at_us = page.entries[1].at_us;
    query.after_id = page.entries[1].id;
    assert_ok(list_audit(ctx, &query, &page));
    assert_int_equal(page.count, 1);
    assert_int_equal(page.entries[0].seq, 1);
    query = (struct audit_query) { .actor = "user:bob", .limit = 10 };
    assert_ok(list_audit(ctx, &query, &page));
    assert_int_equal(page.count, 0);
}

static int make_key(void **state)
{
    const char *complaint = "";
    struct arena *arena = arena_new();
    char path[64];

    *state = arena;
    snprintf(path, sizeof(path), "/tmp/payapi-audit-key-%d", (int) getpid());
    if (!audit_key_create(arena, path, &complaint)
        || !audit_key_load(arena, path, arena_printf(arena, "%s.pub", path), &settings.audit_key,
                           &complaint))
        fail_msg("%s", complaint);
    unlink(path);
    unlink(arena_printf(arena, "%s.pub", path));
    return 0;
}

static int forget_key(void **state)
{
    arena_free(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_a_sealing_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_whole_log_is_proved),
        TEST(what_did_not_grow_needs_no_checkpoint),
        TEST(a_row_of_a_running_transaction_waits_for_the_next_checkpoint),
        TEST(a_long_log_is_sealed_in_pieces),
        TEST(rival_runners_make_one_chain),
        TEST(an_edited_row_is_found),
        TEST(an_edited_row_without_a_chain_is_found),
        TEST(a_row_moved_to_another_order_is_found),
        TEST(a_deleted_row_is_found),
        TEST(a_deleted_first_row_is_found),
        TEST(a_cut_tail_is_found),
        TEST(a_chain_that_was_taken_out_whole_is_found),
        TEST(a_cut_tail_with_a_corrected_head_is_found),
        TEST(a_rewritten_chain_is_found),
        TEST(a_rewritten_checkpoint_is_found),
        TEST(an_added_row_is_found),
        TEST(a_checkpoint_taken_out_is_found),
        TEST(a_log_cut_with_its_checkpoints_is_found_by_a_kept_one),
        TEST(a_kept_checkpoint_of_another_log_differs),
        TEST(seals_without_a_key_are_not_taken_for_proved),
        TEST(a_restored_dump_is_refused_instead_of_left_uncovered),
        TEST(rows_that_vanish_before_they_are_sealed_stop_nothing),
        TEST(nobody_changes_a_checkpoint),
        TEST(the_list_pages_and_filters),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store audit", tests, make_key, forget_key);
}
