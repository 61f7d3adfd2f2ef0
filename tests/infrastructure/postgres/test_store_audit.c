/* What the proof of the audit must find, done to a real log by a superuser with triggers off. */
#include "store_world.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "application/commands.h"
#include "application/queries.h"
#include "application/store/store_checkpoints.h"
#include "base/hex.h"
#include "infrastructure/audit_key_file.h"
#include "infrastructure/audit_record_file.h"

static struct settings settings;                /* with a key of this program's own, and a record */
static const char *key_path, *record_path;

/* --- Given --------------------------------------------------------------------------------- */

static int given_a_sealing_worker(void **state)
{
    given_one_worker(state);
    ((struct ctx *) *state)->settings = &settings;
    unlink(record_path);
    sql_run("SET session_replication_role = replica");
    sql_run("DELETE FROM payapi.audit_checkpoints");
    sql_run("DELETE FROM payapi.audit_log");
    sql_run("DELETE FROM payapi.payments");
    return 0;
}

/* Its history has three rows. */
static struct payment given_an_audited_payment(struct ctx *ctx)
{
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    for (int i = 0; i < 3; i++) {
        store_begin(ctx);
        queue_change(ctx, order.id, payment.id, "facts",
                     arena_printf(ctx->arena, "{\"step\":%d}", i), DOMAIN_EVENT_NONE);
        assert_ok(store_commit(ctx));
    }
    return payment;
}

static void given_an_audited_order(struct ctx *ctx)
{
    struct payment_id none = { "" };
    struct order order = given_an_order(ctx);

    store_begin(ctx);
    queue_change(ctx, order.id, none, "order.created", "{}", DOMAIN_EVENT_ORDER_CREATED);
    assert_ok(store_commit(ctx));
}

static int checkpoint(struct ctx *ctx)
{
    int made;

    assert_ok(checkpoint_audit(ctx, "", &made));
    return made;
}

static struct audit_report *verify(struct ctx *ctx, const struct kept_checkpoint *kept, int count)
{
    const struct audit_question question = { .kept = kept, .kept_count = count };
    struct audit_report *report = arena_alloc(ctx->arena, sizeof(*report));
    struct audit_walk walk = { .done = false };

    assert_ok(verify_audit(ctx, &question, &walk, report));
    assert_true(walk.done);
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
    assert_int_equal(report->payments, 3);
    assert_int_equal(report->rows, 9);
    assert_int_equal(report->checkpoints, 2);
    assert_int_equal(report->unsealed_rows, 0);
}

static void what_is_not_sealed_yet_is_counted(void **state)
{
    struct ctx *ctx = *state;

    given_an_audited_payment(ctx);
    assert_int_equal(verify(ctx, NULL, 0)->unsealed_rows, 3);
    assert_int_equal(checkpoint(ctx), 1);
    assert_int_equal(verify(ctx, NULL, 0)->unsealed_rows, 0);
    given_an_audited_payment(ctx);
    given_an_audited_order(ctx);
    assert_int_equal(verify(ctx, NULL, 0)->unsealed_rows, 4);
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
    queue_change(slow, order.id, payment.id, "facts", "{}", DOMAIN_EVENT_NONE);
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
    (void) checkpoint_audit(worker, "", &made);
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

/* Each column that a reader of the log believes, and the payload that a shop was sent. */
static void an_edited_row_is_found(void **state)
{
    static const char *const edits[] = {
        "body = '{\"step\":7}'", "actor = 'user:bob'", "action = 'reviewed'", "at_us = at_us - 1",
        "trace_id = 'u'", "order_id = 'elsewhere'", "payment_id = payment_id || 'X'",
        "audit_id = DEFAULT", "seq = seq + 10", "event_id = event_id || 'X'",
        "event_type = 'payment.failed'", "event_payload = '{\"amount\":1}'",
    };
    struct ctx *ctx = *state;

    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        struct order order = given_an_order(ctx);
        struct payment payment = given_a_payment(ctx, &order);

        store_begin(ctx);
        queue_change(ctx, order.id, payment.id, "facts", "{}", DOMAIN_EVENT_PAYMENT_CREATED);
        assert_ok(store_commit(ctx));
        assert_int_equal(checkpoint(ctx), 1);
        assert_false(finds(ctx, "covered_rows_changed"));
        sql_run("CREATE TEMP TABLE was AS SELECT * FROM payapi.audit_log WHERE payment_id = '%s'",
                payment.id.text);
        sql_run("UPDATE payapi.audit_log SET %s WHERE payment_id = '%s'", edits[i],
                payment.id.text);
        if (!finds(ctx, "covered_rows_changed"))
            fail_msg("not found: %s", edits[i]);
        sql_run("DELETE FROM payapi.audit_log WHERE payment_id LIKE '%s%%';"
                "INSERT INTO payapi.audit_log OVERRIDING SYSTEM VALUE SELECT * FROM was;"
                "DROP TABLE was", payment.id.text);
        assert_false(finds(ctx, "covered_rows_changed"));
    }
}

static void a_row_told_of_another_order_is_found(void **state)
{
    struct payment payment = given_an_audited_payment(*state);

    sql_run("UPDATE payapi.audit_log SET order_id = 'elsewhere' WHERE payment_id = '%s'"
            " AND seq = 2", payment.id.text);
    assert_true(finds(*state, "other_order"));
    sql_run("UPDATE payapi.audit_log SET action = 'attached' WHERE payment_id = '%s' AND seq = 3",
            payment.id.text);
    assert_false(finds(*state, "other_order"));         /* a human gave it to another order */
}

static void a_deleted_row_is_found(void **state)
{
    for (int seq = 1; seq <= 2; seq++) {
        struct payment payment = given_an_audited_payment(*state);

        sql_run("DELETE FROM payapi.audit_log WHERE payment_id = '%s' AND seq = %d",
                payment.id.text, seq);
        assert_true(finds(*state, "gap"));
        sql_run("DELETE FROM payapi.audit_log; DELETE FROM payapi.payments");
    }
}

/* Renumbered, so that no gap is left. */
static void a_deleted_row_that_was_sealed_is_found(void **state)
{
    struct payment payment = given_an_audited_payment(*state);

    checkpoint(*state);
    sql_run("DELETE FROM payapi.audit_log WHERE payment_id = '%s' AND seq = 2", payment.id.text);
    sql_run("UPDATE payapi.audit_log SET seq = 2 WHERE payment_id = '%s' AND seq = 3",
            payment.id.text);
    assert_false(finds(*state, "gap"));
    assert_true(finds(*state, "covered_rows_changed"));
}

static void rows_in_another_order_are_found(void **state)
{
    struct payment payment = given_an_audited_payment(*state);

    checkpoint(*state);
    sql_run("UPDATE payapi.audit_log SET seq = 10 - seq WHERE payment_id = '%s'", payment.id.text);
    sql_run("UPDATE payapi.audit_log SET seq = seq - 6 WHERE payment_id = '%s'", payment.id.text);
    assert_false(finds(*state, "gap"));
    assert_true(finds(*state, "covered_rows_changed"));
}

/* The last row says that it is under way. */
static struct payment given_a_payment_under_way(struct ctx *ctx)
{
    struct payment payment = given_an_audited_payment(ctx);

    sql_run("UPDATE payapi.audit_log SET action = 'status',"
            " body = '{\"from\":\"pending\",\"to\":\"processing\"}'"
            " WHERE payment_id = '%s' AND seq = 3", payment.id.text);
    sql_run("UPDATE payapi.payments SET status = 'processing' WHERE payment_id = '%s'",
            payment.id.text);
    return payment;
}

static void a_cut_tail_is_found(void **state)
{
    struct payment payment = given_a_payment_under_way(*state);

    assert_int_equal(verify(*state, NULL, 0)->finding_count, 0);
    sql_run("DELETE FROM payapi.audit_log WHERE payment_id = '%s' AND seq = 3", payment.id.text);
    assert_true(finds(*state, "tail"));
}

static void a_cut_tail_with_a_corrected_payment_is_found(void **state)
{
    struct payment payment = given_a_payment_under_way(*state);

    checkpoint(*state);
    sql_run("DELETE FROM payapi.audit_log WHERE payment_id = '%s' AND seq = 3", payment.id.text);
    sql_run("UPDATE payapi.payments SET status = 'pending' WHERE payment_id = '%s'",
            payment.id.text);
    assert_false(finds(*state, "tail"));
    assert_true(finds(*state, "covered_rows_changed"));
}

/* Whoever changed a row need not have left JSON in it. */
static void a_row_that_is_no_json_ends_no_verification(void **state)
{
    struct payment payment = given_a_payment_under_way(*state);

    sql_run("UPDATE payapi.audit_log SET body = '{\"to' WHERE payment_id = '%s' AND seq = 3",
            payment.id.text);
    assert_true(finds(*state, "tail"));
}

static void a_rewritten_history_is_found(void **state)
{
    struct payment payment = given_an_audited_payment(*state);

    checkpoint(*state);
    sql_run("CREATE TEMP TABLE was AS SELECT * FROM payapi.audit_log WHERE payment_id = '%s';"
            "DELETE FROM payapi.audit_log WHERE payment_id = '%s';"
            "UPDATE was SET body = '{\"step\":7}' WHERE seq = 2;"
            "INSERT INTO payapi.audit_log OVERRIDING SYSTEM VALUE SELECT * FROM was;"
            "DROP TABLE was", payment.id.text, payment.id.text);
    assert_int_equal(verify(*state, NULL, 0)->rows, 3);
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
    assert_ok(store_checkpoints_after(ctx, 0, &forged, &count));
    assert_ok(store_audit_leaves(ctx, &forged, INT64_MAX, &rows, &forged.row_count));
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
    unlink(record_path);

    assert_false(finds(*state, "checkpoint_lost"));
    report = verify(*state, &kept, 1);
    assert_int_equal(report->finding_count, 2);         /* and record_missing */
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
    assert_non_null(checkpoint_audit(ctx, "", &made));
}

/* --- What is kept outside the database ------------------------------------------------------- */

static int64_t last_number(void)
{
    return sql_number("SELECT coalesce(max(checkpoint_no), 0) FROM payapi.audit_checkpoints");
}

/* One payment in each; the last one. Then the owner of the tables does something to them. */
static struct payment given_three_checkpoints(struct ctx *ctx)
{
    struct payment last;

    for (int i = 0; i < 3; i++) {
        last = given_an_audited_payment(ctx);
        assert_int_equal(checkpoint(ctx), 1);
    }
    assert_int_equal(verify(ctx, NULL, 0)->finding_count, 0);
    return last;
}

static void forge_checkpoint(const char *number, const char *to_xid)
{
    sql_run("INSERT INTO payapi.audit_checkpoints (checkpoint_no, form, epoch, system_id, floor_id,"
            " from_xid, from_id, to_xid, to_id, last_id, row_count, root, prev, hash, signature,"
            " made_at_ms, note) VALUES (%s, 2, 7, 0, 0, 0, 0, %s, 0, 1, 1, sha256('a'), sha256('b'),"
            " sha256('c'), sha256('d') || sha256('e'), 0, '')", number, to_xid);
}

static void all_checkpoints_taken_out_are_missed_and_the_next_goes_on(void **state)
{
    given_three_checkpoints(*state);
    sql_run("DELETE FROM payapi.audit_checkpoints");
    assert_true(finds(*state, "checkpoint_lost"));

    assert_int_equal(checkpoint(*state), 1);
    assert_int_equal(last_number(), 4);
    assert_int_equal(sql_number("SELECT epoch FROM payapi.audit_checkpoints"), 2);
    assert_int_equal(sql_number("SELECT row_count FROM payapi.audit_checkpoints"), 9);
    assert_true(finds(*state, "checkpoint_out_of_order"));      /* and for ever */
}

static void the_newest_checkpoints_cut_with_their_rows_are_missed(void **state)
{
    struct payment last = given_three_checkpoints(*state);

    sql_run("DELETE FROM payapi.audit_log WHERE payment_id = '%s'", last.id.text);
    sql_run("DELETE FROM payapi.payments WHERE payment_id = '%s'", last.id.text);
    sql_run("DELETE FROM payapi.audit_checkpoints WHERE checkpoint_no > 1");
    assert_true(finds(*state, "checkpoint_lost"));
    assert_int_equal(checkpoint(*state), 1);
    assert_int_equal(last_number(), 4);
    assert_true(finds(*state, "checkpoint_out_of_order"));
    given_an_audited_payment(*state);
    assert_int_equal(checkpoint(*state), 1);            /* in the same epoch */
    assert_int_equal(sql_number("SELECT epoch FROM payapi.audit_checkpoints"
                                " WHERE checkpoint_no = 5"), 2);
    assert_false(finds(*state, "covered_rows_changed"));
}

static void a_loss_is_accepted_by_who_has_the_key_and_by_nobody_else(void **state)
{
    const struct audit_report *report;
    int made;

    given_three_checkpoints(*state);
    sql_run("DELETE FROM payapi.audit_checkpoints WHERE checkpoint_no > 1");
    assert_int_equal(checkpoint(*state), 1);
    assert_true(finds(*state, "checkpoint_out_of_order"));
    forge_checkpoint("7", "5");
    sql_run("UPDATE payapi.audit_checkpoints SET note = 'I am allowed to', from_xid = 5, to_id = 9,"
            " floor_id = 9 WHERE checkpoint_no = 7");
    assert_true(finds(*state, "checkpoint_out_of_order"));
    sql_run("DELETE FROM payapi.audit_checkpoints WHERE checkpoint_no = 7");

    assert_ok(checkpoint_audit(*state, "restored to noon", &made));
    assert_int_equal(made, 1);
    report = verify(*state, NULL, 0);
    assert_int_equal(report->finding_count, 0);
    assert_int_equal(report->accepted_losses, 1);
    sql_run("DELETE FROM payapi.audit_checkpoints WHERE checkpoint_no = 5");
    given_an_audited_payment(*state);
    assert_int_equal(checkpoint(*state), 1);
    assert_true(finds(*state, "checkpoint_out_of_order"));      /* a later loss is none of that note's */
}

/* It has a key, but not ours; or it restored the table as it was an hour ago. */
static void a_record_of_another_history_is_told(void **state)
{
    given_three_checkpoints(*state);
    sql_run("UPDATE payapi.audit_checkpoints SET made_at_ms = made_at_ms + 1,"
            " hash = sha256('x') WHERE checkpoint_no = 3");
    assert_true(finds(*state, "checkpoint_differs"));
}

static void a_record_that_somebody_took_away_or_spoiled_is_told(void **state)
{
    int file;

    given_three_checkpoints(*state);
    unlink(record_path);
    assert_true(finds(*state, "record_missing"));
    file = open(record_path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(file, "{}", 2), 2);
    close(file);
    assert_true(finds(*state, "record_damaged"));
    assert_int_equal(checkpoint(*state), 0);            /* sealing goes on, the record stays */
    assert_true(finds(*state, "record_damaged"));
}

static struct audit_checkpoint newest(struct ctx *ctx)
{
    struct audit_checkpoint batch[CHECKPOINT_BATCH];
    int count;

    assert_ok(store_checkpoints_down_from(ctx, INT64_MAX, batch, &count));
    assert_true(count > 0);
    return batch[0];
}

static void the_record_only_grows(void **state)
{
    struct audit_checkpoint kept, old, other;

    given_an_audited_payment(*state);
    checkpoint(*state);
    old = newest(*state);
    given_an_audited_payment(*state);
    checkpoint(*state);
    assert_int_equal(audit_record_read(settings.audit_record, &kept), AUDIT_RECORD_READ);
    assert_int_equal(kept.number, 2);
    assert_true(audit_checkpoint_is_signed(&kept, settings.audit_key));
    assert_false(audit_record_keep(settings.audit_record, &old));
    assert_true(audit_record_keep(settings.audit_record, &kept));
    other = kept;
    other.hash.bytes[0] ^= 1;
    assert_false(audit_record_keep(settings.audit_record, &other));
    assert_int_equal(audit_record_read(settings.audit_record, &kept), AUDIT_RECORD_READ);
    assert_int_equal(kept.number, 2);
}

/* --- What must not end the sealing ----------------------------------------------------------- */

/* All in one transaction, about no payment. */
static void given_many_rows(struct ctx *ctx, int count)
{
    struct order order = given_an_order(ctx);

    sql_run("SET session_replication_role = origin;"
            "INSERT INTO payapi.audit_log (order_id, actor, action, body, trace_id)"
            " SELECT '%s', 'jobs', 'x', '{}', 't' FROM generate_series(1, %d);"
            "SET session_replication_role = replica", order.id.text, count);
}

static void a_large_transaction_is_sealed_in_pieces_too(void **state)
{
    given_many_rows(*state, 2 * CHECKPOINT_ROWS_MAX + 5);
    given_an_audited_payment(*state);
    assert_int_equal(checkpoint(*state), 3);
    assert_int_equal(sql_number("SELECT max(row_count) FROM payapi.audit_checkpoints"),
                     CHECKPOINT_ROWS_MAX);
    assert_int_equal(sql_number("SELECT sum(row_count) FROM payapi.audit_checkpoints"),
                     2 * CHECKPOINT_ROWS_MAX + 8);
    assert_int_equal(verify(*state, NULL, 0)->finding_count, 0);
    sql_run("UPDATE payapi.audit_log SET actor = 'eve' WHERE audit_id ="
            " (SELECT max(audit_id) FROM payapi.audit_log WHERE payment_id IS NULL)");
    assert_true(finds(*state, "covered_rows_changed"));
}

static void a_forged_checkpoint_does_not_end_the_sealing(void **state)
{
    given_an_audited_payment(*state);
    assert_int_equal(checkpoint(*state), 1);
    forge_checkpoint("2", "9000000000000000000");
    forge_checkpoint("9223372036854775807", "9000000000000000000");
    given_an_audited_payment(*state);
    assert_int_equal(checkpoint(*state), 1);
    assert_int_equal(sql_number("SELECT row_count FROM payapi.audit_checkpoints"
                                " WHERE checkpoint_no = 3"), 3);
    assert_true(finds(*state, "checkpoint_unsigned"));
    assert_false(finds(*state, "checkpoint_out_of_order"));
    assert_false(finds(*state, "covered_rows_changed"));
}

/* --- Another cluster ------------------------------------------------------------------------- */

static void sign_as(const struct audit_checkpoint *checkpoint)
{
    struct arena *arena = arena_new();
    struct digest hash = audit_checkpoint_hash(checkpoint);
    struct signature signature = audit_key_sign(settings.audit_key, hash);

    sql_run("UPDATE payapi.audit_checkpoints SET system_id = %lld, from_xid = %lld, to_xid = %lld,"
            " hash = '\\x%s', signature = '\\x%s' WHERE checkpoint_no = %lld",
            (long long) checkpoint->system_id, (long long) checkpoint->from.xid,
            (long long) checkpoint->to.xid, hex_text(arena, hash.bytes, DIGEST_BYTES),
            hex_text(arena, signature.bytes, SIGNATURE_BYTES), (long long) checkpoint->number);
    arena_free(arena);
}

#define ELSEWHERE 1000000                       /* its transaction ids are so much greater */

/* What is there was written and sealed by a cluster whose transaction ids were greater. */
static void given_it_came_from_elsewhere(struct ctx *ctx)
{
    struct audit_checkpoint checkpoint = newest(ctx);

    assert_int_equal(checkpoint.number, 1);
    checkpoint.system_id ^= 1;
    checkpoint.to.xid += ELSEWHERE;
    sign_as(&checkpoint);
    sql_run("UPDATE payapi.audit_log SET xid = (xid::text::bigint + %d)::text::xid8", ELSEWHERE);
    unlink(record_path);
}

static void a_restored_dump_is_sealed_on_in_a_new_epoch(void **state)
{
    const struct audit_report *report;

    given_an_audited_payment(*state);
    assert_int_equal(checkpoint(*state), 1);
    given_an_audited_payment(*state);                   /* not sealed when it was dumped */
    given_it_came_from_elsewhere(*state);
    given_an_audited_payment(*state);                   /* before anybody noticed */
    assert_int_equal(checkpoint(*state), 1);
    assert_int_equal(newest(*state).epoch, 2);
    assert_int_equal(newest(*state).row_count, 9);
    given_an_audited_payment(*state);
    assert_int_equal(checkpoint(*state), 1);
    assert_int_equal(newest(*state).epoch, 2);
    assert_int_equal(newest(*state).row_count, 3);
    assert_int_equal(checkpoint(*state), 0);
    report = verify(*state, NULL, 0);
    assert_int_equal(report->finding_count, 0);
    assert_int_equal(report->epoch, 2);
    assert_int_equal(report->checkpoints, 3);
}

static void what_was_sealed_before_a_restore_stays_sealed(void **state)
{
    struct payment payment = given_an_audited_payment(*state);

    checkpoint(*state);
    given_it_came_from_elsewhere(*state);
    sql_run("UPDATE payapi.audit_log SET body = '{\"step\":7}' WHERE payment_id = '%s' AND seq = 2",
            payment.id.text);
    assert_int_equal(checkpoint(*state), 1);            /* as it was found */
    assert_int_equal(newest(*state).epoch, 2);
    assert_true(finds(*state, "covered_rows_changed"));
}

static void a_row_that_is_added_behind_a_restore_is_found(void **state)
{
    given_an_audited_order(*state);
    checkpoint(*state);
    given_it_came_from_elsewhere(*state);
    given_an_audited_order(*state);
    assert_int_equal(checkpoint(*state), 1);
    assert_int_equal(newest(*state).epoch, 2);
    assert_int_equal(verify(*state, NULL, 0)->finding_count, 0);
    sql_run("INSERT INTO payapi.audit_log (order_id, actor, action, body, trace_id, xid)"
            " SELECT order_id, 'admin:eve', 'reviewed', '{}', 't', '3' FROM payapi.audit_log LIMIT 1");
    assert_true(finds(*state, "row_out_of_epoch"));
}

static void a_long_log_is_sealed_anew_in_pieces(void **state)
{
    given_many_rows(*state, CHECKPOINT_ROWS_MAX + 5);
    given_many_rows(*state, 3);
    assert_int_equal(checkpoint(*state), 2);
    sql_run("DELETE FROM payapi.audit_checkpoints WHERE checkpoint_no = 2");
    given_it_came_from_elsewhere(*state);
    given_an_audited_payment(*state);
    assert_int_equal(checkpoint(*state), 2);
    assert_int_equal(sql_number("SELECT sum(row_count) FROM payapi.audit_checkpoints"
                                " WHERE epoch = 2"), CHECKPOINT_ROWS_MAX + 11);
    given_an_audited_payment(*state);
    assert_int_equal(checkpoint(*state), 1);
    assert_int_equal(newest(*state).row_count, 3);
    assert_int_equal(verify(*state, NULL, 0)->finding_count, 0);
}

static void rows_that_came_from_elsewhere_without_a_seal_are_sealed(void **state)
{
    given_an_audited_payment(*state);
    sql_run("UPDATE payapi.audit_log SET xid = (xid::text::bigint + %d)::text::xid8", ELSEWHERE);
    assert_int_equal(checkpoint(*state), 1);
    assert_int_equal(newest(*state).row_count, 3);
    assert_int_equal(checkpoint(*state), 0);
    assert_int_equal(verify(*state, NULL, 0)->finding_count, 0);
}

/* --- What should be there -------------------------------------------------------------------- */

static void a_payment_without_history_is_found(void **state)
{
    struct payment payment = given_an_audited_payment(*state);

    assert_false(finds(*state, "no_history"));
    sql_run("DELETE FROM payapi.audit_log WHERE payment_id = '%s'", payment.id.text);
    assert_true(finds(*state, "no_history"));
}

static void make_rows_old(void)
{
    sql_run("UPDATE payapi.audit_log SET at_us = at_us - %d * 1000000", SEAL_LATE_S + 1);
}

static void a_log_that_nobody_seals_is_found(void **state)
{
    struct ctx *ctx = *state;
    static const struct settings no_key;

    given_an_audited_order(ctx);
    assert_false(finds(ctx, "no_checkpoint"));          /* payapi-jobs may be about to */
    make_rows_old();
    assert_true(finds(ctx, "no_checkpoint"));
    assert_int_equal(checkpoint(ctx), 1);
    assert_false(finds(ctx, "no_checkpoint"));
    given_an_audited_order(ctx);
    make_rows_old();
    assert_true(finds(ctx, "not_sealed"));
    ctx->settings = &no_key;
    assert_false(finds(ctx, "not_sealed"));
}

/* --- One key after the other ----------------------------------------------------------------- */

static const struct audit_key *load_key(struct arena *arena, const char *signing, const char *retired)
{
    const struct audit_key_files files = { signing, "", retired };
    const struct audit_key *key;
    const char *complaint = "";

    if (!audit_key_load(arena, &files, &key, &complaint))
        fail_msg("%s", complaint);
    return key;
}

static const struct audit_key *new_key(struct arena *arena, const char *path, const char *retired)
{
    const struct audit_key *key;
    const char *complaint = "";

    if (!audit_key_create(arena, path, &complaint))
        fail_msg("%s", complaint);
    key = load_key(arena, path, retired);
    unlink(path);
    unlink(arena_printf(arena, "%s.pub", path));
    return key;
}

static const char *write_lines(struct arena *arena, const char *lines)
{
    const char *path = arena_printf(arena, "%s.retired", key_path);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(lines, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void a_retired_key_proves_its_own_time_and_no_other(void **state)
{
    struct ctx *ctx = *state;
    struct settings rotated = settings;
    struct audit_checkpoint last;
    const char *retired = write_lines(ctx->arena, arena_printf(
        ctx->arena, "# until, key\n1 %s\n", audit_key_text(ctx->arena, settings.audit_key)));

    given_an_audited_payment(ctx);
    assert_int_equal(checkpoint(ctx), 1);
    rotated.audit_key = new_key(ctx->arena, key_path, "");
    ctx->settings = &rotated;
    assert_true(finds(ctx, "checkpoint_unsigned"));     /* the new key alone proves nothing of before */

    rotated.audit_key = new_key(ctx->arena, key_path, retired);
    assert_int_equal(verify(ctx, NULL, 0)->finding_count, 0);
    given_an_audited_payment(ctx);
    assert_int_equal(checkpoint(ctx), 1);
    assert_int_equal(verify(ctx, NULL, 0)->finding_count, 0);
    last = newest(ctx);
    sign_as(&last);
    assert_true(finds(ctx, "checkpoint_unsigned"));     /* who has the old key makes no new ones */
    unlink(retired);
}

static void a_file_of_retired_keys_is_read_with_care(void **state)
{
    struct arena *arena = ((struct ctx *) *state)->arena;
    const char *key = audit_key_text(arena, settings.audit_key);
    const char *const bad[] = {
        "x\n", arena_printf(arena, "%s\n", key), arena_printf(arena, "1 %s0\n", key),
        arena_printf(arena, "0 %s\n", key), arena_printf(arena, "5 %s\n5 %s\n", key, key),
        arena_printf(arena, "99999999999999999999 %s\n", key),
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *path = write_lines(arena, bad[i]);
        const struct audit_key_files files = {
            "", arena_printf(arena, "%s.kept", key_path), path
        };
        const struct audit_key *read;
        const char *complaint = NULL;

        assert_false(audit_key_load(arena, &files, &read, &complaint));
        assert_non_null(strstr(complaint, "NUMBER KEY"));
        unlink(path);
    }
}

/* --- In parts -------------------------------------------------------------------------------- */

static bool always(const void *clock)
{
    (void) clock;
    return true;
}

static void a_proof_in_parts_finds_the_same(void **state)
{
    struct ctx *ctx = *state;
    const struct audit_question question = { .time_is_up = always };
    struct audit_report *report = arena_alloc(ctx->arena, sizeof(*report));
    struct audit_walk walk = { .done = false };
    int64_t rows = 0, checkpoints = 0;
    int findings = 0, parts = 0;

    given_three_checkpoints(ctx);
    sql_run("UPDATE payapi.audit_log SET actor = 'eve' WHERE audit_id ="
            " (SELECT max(audit_id) FROM payapi.audit_log)");
    for (; !walk.done; parts++) {
        assert_ok(verify_audit(ctx, &question, &walk, report));
        rows += report->rows;
        checkpoints += report->checkpoints;
        findings += report->finding_count;
        assert_true(parts < 10);
    }
    assert_true(parts > 3);
    assert_int_equal(rows, 9);
    assert_int_equal(checkpoints, 3);
    assert_int_equal(findings, 1);                      /* covered_rows_changed */
}

static void two_do_not_prove_at_once(void **state)
{
    struct ctx *ctx = *state, *other = given_a_worker();
    const struct audit_question question = { .kept = NULL };
    struct audit_report *report = arena_alloc(ctx->arena, sizeof(*report));
    struct audit_walk walk = { .done = false };
    const struct problem *problem;
    bool claimed;

    store_begin(other);
    assert_ok(store_audit_claim(other, &claimed));
    assert_true(claimed);
    problem = verify_audit_alone(ctx, &question, &walk, report);
    assert_non_null(problem);
    assert_int_equal(problem->type, PROBLEM_OVERLOADED);
    assert_true(problem->retry_after_s > 0);
    store_rollback_if_open(other);
    assert_ok(verify_audit_alone(ctx, &question, &walk, report));
    assert_true(walk.done);
    dismiss(other);
}

/* --- Rows that vanish ------------------------------------------------------------------------ */

static bool rows_vanish;

extern __typeof__(store_audit_leaves) __real_store_audit_leaves, __wrap_store_audit_leaves;

/* Between the counting of the rows and their reading. */
const struct problem *__wrap_store_audit_leaves(struct ctx *ctx,
                                                const struct audit_checkpoint *checkpoint,
                                                int64_t until_id, struct digest **leaves_out,
                                                int64_t *count_out)
{
    if (rows_vanish)
        sql_run("DELETE FROM payapi.audit_log");
    return __real_store_audit_leaves(ctx, checkpoint, until_id, leaves_out, count_out);
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

/* The public half stays, for who only reads. */
static int make_key(void **state)
{
    const char *complaint = "";
    struct arena *arena = arena_new();

    *state = arena;
    key_path = arena_printf(arena, "/tmp/payapi-audit-key-%d", (int) getpid());
    record_path = arena_printf(arena, "/tmp/payapi-audit-record-%d", (int) getpid());
    settings.audit_record = audit_record_at(arena, record_path);
    if (!audit_key_create(arena, key_path, &complaint))
        fail_msg("%s", complaint);
    settings.audit_key = load_key(arena, key_path, "");
    unlink(key_path);
    return rename(arena_printf(arena, "%s.pub", key_path), arena_printf(arena, "%s.kept", key_path));
}

static int forget_key(void **state)
{
    unlink(record_path);
    unlink(arena_printf(*state, "%s.kept", key_path));
    arena_free(*state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_a_sealing_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_whole_log_is_proved),
        TEST(what_is_not_sealed_yet_is_counted),
        TEST(what_did_not_grow_needs_no_checkpoint),
        TEST(a_row_of_a_running_transaction_waits_for_the_next_checkpoint),
        TEST(a_long_log_is_sealed_in_pieces),
        TEST(rival_runners_make_one_chain),
        TEST(an_edited_row_is_found),
        TEST(a_row_told_of_another_order_is_found),
        TEST(a_deleted_row_is_found),
        TEST(a_deleted_row_that_was_sealed_is_found),
        TEST(rows_in_another_order_are_found),
        TEST(a_cut_tail_is_found),
        TEST(a_cut_tail_with_a_corrected_payment_is_found),
        TEST(a_row_that_is_no_json_ends_no_verification),
        TEST(a_rewritten_history_is_found),
        TEST(a_rewritten_checkpoint_is_found),
        TEST(an_added_row_is_found),
        TEST(a_checkpoint_taken_out_is_found),
        TEST(a_log_cut_with_its_checkpoints_is_found_by_a_kept_one),
        TEST(a_kept_checkpoint_of_another_log_differs),
        TEST(seals_without_a_key_are_not_taken_for_proved),
        TEST(all_checkpoints_taken_out_are_missed_and_the_next_goes_on),
        TEST(the_newest_checkpoints_cut_with_their_rows_are_missed),
        TEST(a_loss_is_accepted_by_who_has_the_key_and_by_nobody_else),
        TEST(a_record_of_another_history_is_told),
        TEST(a_record_that_somebody_took_away_or_spoiled_is_told),
        TEST(the_record_only_grows),
        TEST(a_large_transaction_is_sealed_in_pieces_too),
        TEST(a_forged_checkpoint_does_not_end_the_sealing),
        TEST(a_restored_dump_is_sealed_on_in_a_new_epoch),
        TEST(what_was_sealed_before_a_restore_stays_sealed),
        TEST(a_row_that_is_added_behind_a_restore_is_found),
        TEST(a_long_log_is_sealed_anew_in_pieces),
        TEST(rows_that_came_from_elsewhere_without_a_seal_are_sealed),
        TEST(a_payment_without_history_is_found),
        TEST(a_log_that_nobody_seals_is_found),
        TEST(a_retired_key_proves_its_own_time_and_no_other),
        TEST(a_file_of_retired_keys_is_read_with_care),
        TEST(a_proof_in_parts_finds_the_same),
        TEST(two_do_not_prove_at_once),
        TEST(rows_that_vanish_before_they_are_sealed_stop_nothing),
        TEST(nobody_changes_a_checkpoint),
        TEST(the_list_pages_and_filters),
    };

    (void) argc;
    world_need_server(argv);
    setenv("PAYAPI_TEST_DATABASE_URL", getenv("PAYAPI_TEST_JOBS_URL"), 1);
    return cmocka_run_group_tests_name("store audit", tests, make_key, forget_key);
}
