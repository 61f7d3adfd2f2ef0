#include "store_world.h"

#include "application/queries.h"

/* --- Given --------------------------------------------------------------------------------- */

/* A captured payment whose movements the tests add at times of their own. */
static struct payment given_a_paid_payment(struct ctx *ctx)
{
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);

    given_captured(ctx, &payment);
    return payment;
}

static void move(struct ctx *ctx, const struct payment *payment, enum movement_kind kind,
                 int64_t amount_minor)
{
    char ref[ID_TEXT_MAX];

    ctx_new_id(ctx, "prr", ref);
    store_begin(ctx);
    store_movement_insert(ctx, payment, &(struct movement) { kind, amount_minor, ref, ctx->now_ms });
    assert_ok(store_commit(ctx));
}

/* A charge, and then refunds of 1, 2, 3 ... a second apart. */
static struct payment given_movements(struct ctx *ctx, int refunds)
{
    struct payment payment = given_a_paid_payment(ctx);

    move(ctx, &payment, MOVEMENT_CHARGE, 9999);
    for (int i = 1; i <= refunds; i++) {
        ctx->now_ms += 1000;
        move(ctx, &payment, MOVEMENT_REFUND, -i);
    }
    return payment;
}

static struct transaction_query all_of(const struct payment *payment, int limit)
{
    return (struct transaction_query) { .filter = { .payment_id = payment->id.text },
                                        .limit = limit };
}

static struct transaction_page list(struct ctx *ctx, struct transaction_query query)
{
    struct transaction_page page;

    assert_ok(list_transactions(ctx, &query, &page));
    return page;
}

/* --- Pages --------------------------------------------------------------------------------- */

static void the_newest_movement_comes_first(void **state)
{
    struct payment payment = given_movements(*state, 2);
    struct transaction_page page = list(*state, all_of(&payment, 10));

    assert_int_equal(page.count, 3);
    assert_false(page.more);
    assert_int_equal(page.transactions[0].amount.minor, -2);
    assert_string_equal(page.transactions[0].kind, "refund");
    assert_int_equal(page.transactions[2].amount.minor, 9999);
    assert_string_equal(page.transactions[2].kind, "charge");
    assert_string_equal(page.transactions[2].payment_id.text, payment.id.text);
    assert_string_equal(page.transactions[2].order_id.text, payment.order_id.text);
}

static void a_cursor_walks_through_all_of_them_once(void **state)
{
    struct payment payment = given_movements(*state, 6);
    struct transaction_query query = all_of(&payment, 2);
    int seen = 0;
    bool more = true;

    for (; more; seen += 2) {
        struct transaction_page page = list(*state, query);

        for (int i = 0; i < page.count; i++)
            assert_int_equal(page.transactions[i].amount.minor,
                             seen + i == 6 ? 9999 : -(6 - seen - i));
        more = page.more;
        query.after_id = page.transactions[page.count - 1].id;
    }
    assert_int_equal(seen, 8);
}

static void a_numbered_page_knows_the_total(void **state)
{
    struct payment payment = given_movements(*state, 4);
    struct transaction_query query = all_of(&payment, 2);
    struct transaction_page page;

    query.page = 3;
    page = list(*state, query);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.total, 5);
    assert_int_equal(page.transactions[0].amount.minor, 9999);
}

/* --- Filters ------------------------------------------------------------------------------- */

static void each_filter_keeps_the_others_out(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_movements(ctx, 3);
    struct payment other = given_movements(ctx, 1);
    struct transaction_query query = all_of(&payment, 100);

    query.filter.kind = "refund";
    assert_int_equal(list(ctx, query).count, 3);
    query.filter.kind = NULL;
    query.filter.order_id = other.order_id.text;
    assert_int_equal(list(ctx, query).count, 0);
    query.filter.payment_id = NULL;
    assert_int_equal(list(ctx, query).count, 2);
    query.filter.currency = "EUR";
    assert_int_equal(list(ctx, query).count, 0);
    query.filter.currency = "USD";
    query.filter.provider = "paystack";
    assert_int_equal(list(ctx, query).count, 0);
}

static void from_is_included_and_to_is_not(void **state)
{
    struct ctx *ctx = *state;
    int64_t began_ms = ctx->now_ms;
    struct payment payment = given_movements(ctx, 3);
    struct transaction_query query = all_of(&payment, 100);

    query.filter.from_ms = began_ms + 1000;
    query.filter.to_ms = began_ms + 3000;
    assert_int_equal(list(ctx, query).count, 2);
    query.filter.from_ms = began_ms + 1001;
    query.filter.to_ms = began_ms + 3001;
    assert_int_equal(list(ctx, query).count, 2);
    query.filter.to_ms = began_ms + 2000;
    assert_int_equal(list(ctx, query).count, 0);
}

/* --- Export -------------------------------------------------------------------------------- */

struct collected { int64_t count, sum; size_t footprint_bytes; int stop_after; };

static bool collect(struct ctx *ctx, const struct transaction_writer *writer,
                    const struct transaction *transaction)
{
    struct collected *collected = writer->target;
    size_t footprint = arena_footprint_bytes(ctx->arena);

    collected->count++;
    collected->sum += transaction->amount.minor;
    if (footprint > collected->footprint_bytes)
        collected->footprint_bytes = footprint;
    return collected->count != collected->stop_after;
}

static struct payment given_many_movements(struct ctx *ctx, int count)
{
    struct payment payment = given_a_paid_payment(ctx);

    sql_run("INSERT INTO payapi.transactions SELECT 'txn_' || lpad(i::text, 26, '0'), '%s', '%s',"
            " 'refund', -1, 'USD', 'stripe', '%s' || i, now(), 't', now()"
            " FROM generate_series(1, %d) AS i", payment.id.text, payment.order_id.text,
            payment.id.text, count);
    return payment;
}

static void an_export_gives_every_movement_once_in_the_memory_of_a_batch(void **state)
{
    struct payment payment = given_many_movements(*state, 5 * MOVEMENT_BATCH + 1);
    struct transaction_filter filter = { .payment_id = payment.id.text };
    struct collected collected = { 0 };
    struct transaction_writer writer = { collect, &collected };

    assert_ok(export_transactions(*state, &filter, &writer));
    assert_int_equal(collected.count, 5 * MOVEMENT_BATCH + 1);
    assert_int_equal(collected.sum, -collected.count);
    assert_true(collected.footprint_bytes < 2 * 1024 * 1024);
}

static void an_export_shows_one_moment(void **state)
{
    struct ctx *ctx = *state;
    struct payment payment = given_movements(ctx, 1);
    struct transaction_page page;
    struct transaction_query query = all_of(&payment, 10);

    store_begin_snapshot(ctx);
    assert_ok(store_movements_list(ctx, &query, &page));
    sql_run("INSERT INTO payapi.transactions VALUES ('txn_7ZZZZZZZZZZZZZZZZZZZZZZZZZ', '%s', '%s',"
            " 'refund', -1, 'USD', 'stripe', 're_late', now(), 't', now())", payment.id.text,
            payment.order_id.text);
    assert_ok(store_movements_list(ctx, &query, &page));
    assert_int_equal(page.count, 2);
    assert_ok(store_commit(ctx));
    assert_int_equal(list(ctx, query).count, 3);
}

static void an_export_ends_when_nobody_listens(void **state)
{
    struct payment payment = given_movements(*state, 5);
    struct transaction_filter filter = { .payment_id = payment.id.text };
    struct collected collected = { .stop_after = 2 };
    struct transaction_writer writer = { collect, &collected };

    assert_non_null(export_transactions(*state, &filter, &writer));
    assert_int_equal(collected.count, 2);
    store_rollback_if_open(*state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(the_newest_movement_comes_first),
        TEST(a_cursor_walks_through_all_of_them_once),
        TEST(a_numbered_page_knows_the_total),
        TEST(each_filter_keeps_the_others_out),
        TEST(from_is_included_and_to_is_not),
        TEST(an_export_shows_one_moment),
        TEST(an_export_ends_when_nobody_listens),
        TEST(an_export_gives_every_movement_once_in_the_memory_of_a_batch),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store ledger", tests, NULL, NULL);
}
