#include "store_world.h"

static void an_order_comes_back_as_it_was_stored(void **state)
{
    struct ctx *ctx = *state;
    struct order stored = given_an_order(ctx);
    struct order order;
    bool found;

    assert_ok(store_order_find(ctx, stored.id, "alice", &order, &found));

    assert_true(found);
    assert_string_equal(order.id.text, stored.id.text);
    assert_string_equal(order.owner_id, "alice");
    assert_true(money_equal(order.amount, stored.amount));
    assert_int_equal(order.status, ORDER_OPEN);
    assert_string_equal(order.description, stored.description);
    assert_string_equal(order.customer_email, stored.customer_email);
    assert_string_equal(order.metadata_json, stored.metadata_json);
    assert_int_equal(order.created_at_ms, stored.created_at_ms);
    assert_int_equal(order.updated_at_ms, stored.updated_at_ms);
}

static void an_order_of_somebody_else_is_not_found(void **state)
{
    struct ctx *ctx = *state;
    struct order stored = given_an_order(ctx);
    struct order order;
    bool found;

    assert_ok(store_order_find(ctx, stored.id, "bob", &order, &found));
    assert_false(found);
    assert_ok(store_order_find(ctx, stored.id, NULL, &order, &found));
    assert_true(found);
}

static void an_order_id_is_given_once(void **state)
{
    struct ctx *ctx = *state;
    struct order stored = given_an_order(ctx);

    store_begin(ctx);
    store_order_insert(ctx, &stored);
    assert_problem(store_commit(ctx), PROBLEM_ORDER_ALREADY_EXISTS, false);
    store_rollback_if_open(ctx);
}

static void the_label_of_an_order_changes_with_its_time(void **state)
{
    struct ctx *ctx = *state;
    struct order stored = given_an_order(ctx);
    struct order order;
    bool found;

    ctx->now_ms += 5000;
    store_begin(ctx);
    store_order_set_status(ctx, stored.id, ORDER_PAID);
    assert_ok(store_commit(ctx));
    assert_ok(store_order_find(ctx, stored.id, "alice", &order, &found));

    assert_int_equal(order.status, ORDER_PAID);
    assert_int_equal(order.updated_at_ms, stored.updated_at_ms + 5000);
    assert_int_equal(order.created_at_ms, stored.created_at_ms);
}

static void the_label_of_no_order_cannot_change(void **state)
{
    struct ctx *ctx = *state;
    struct order stored = given_an_order(ctx);
    struct order_id nobodys = { "ord_nobodys" };

    store_begin(ctx);
    store_order_set_status(ctx, stored.id, ORDER_PAID);
    store_order_set_status(ctx, nobodys, ORDER_PAID);
    assert_problem(store_commit(ctx), PROBLEM_REQUEST_IN_PROGRESS, true);
    store_rollback_if_open(ctx);

    assert_string_equal(sql_text("SELECT status FROM payapi.orders WHERE order_id = '%s'",
                                 stored.id.text), "open");
}

/* Begin, key and inserts travel with the commit, as in create_order after the peek. */
static void creating_an_order_is_two_round_trips(void **state)
{
    struct ctx *ctx = *state;
    struct order order = some_order(ctx, "alice");
    struct idempotency_key key = some_key(ctx);
    struct answer answer = { .http_status = 201, .body = bytes_of("{}") };
    struct payment_id none = { "" };
    int64_t before = store_round_trips(ctx->store);
    struct claim claim;

    store_begin(ctx);
    assert_ok(store_key_peek(ctx, &key, &claim));
    store_key_take(ctx, &key, &claim, none);
    store_order_insert(ctx, &order);
    queue_change(ctx, order.id, none, "order.created", "{}", DOMAIN_EVENT_ORDER_CREATED);
    store_key_finish(ctx, &key, claim.fence, &answer);
    assert_ok(store_commit(ctx));

    assert_int_equal(store_round_trips(ctx->store) - before, 2);
}

static void a_query_is_one_round_trip_without_a_transaction(void **state)
{
    struct ctx *ctx = *state;
    struct order order = given_an_order(ctx);
    int64_t round_trips = store_round_trips(ctx->store);
    int64_t commits = store_commits(ctx->store);
    bool found;

    assert_ok(store_order_find(ctx, order.id, "alice", &order, &found));
    assert_int_equal(store_round_trips(ctx->store) - round_trips, 1);
    assert_int_equal(store_commits(ctx->store), commits);
}

/* --- Lists --------------------------------------------------------------------------------- */

/* Times repeat in pairs, so that the id has to decide between neighbours. */
static void given_orders(struct ctx *ctx, const char *owner, int count)
{
    store_begin(ctx);
    for (int i = 0; i < count; i++) {
        struct order order = some_order(ctx, owner);

        order.created_at_ms += i / 2;
        store_order_insert(ctx, &order);
    }
    assert_ok(store_commit(ctx));
}

static bool is_before(const struct order *a, const struct order *b)
{
    if (a->created_at_ms != b->created_at_ms)
        return a->created_at_ms > b->created_at_ms;
    return strcmp(a->id.text, b->id.text) > 0;
}

static struct order_page listed(struct ctx *ctx, struct order_page_query query)
{
    int64_t before = store_round_trips(ctx->store);
    struct order_page page;

    assert_ok(store_orders_list(ctx, &query, &page));
    assert_int_equal(store_round_trips(ctx->store) - before, 1);
    for (int i = 1; i < page.count; i++)
        assert_true(is_before(&page.orders[i - 1], &page.orders[i]));
    return page;
}

static int walk_by_cursor(struct ctx *ctx, const char *owner, int limit)
{
    struct order_page_query query = { .owner = owner, .limit = limit };
    struct order last = { .created_at_ms = INT64_MAX };
    int count = 0;
    struct order_page page;

    do {
        page = listed(ctx, query);
        for (int i = 0; i < page.count; i++) {
            assert_true(is_before(&last, &page.orders[i]));
            last = page.orders[i];
        }
        count += page.count;
        query.after_created_at_ms = last.created_at_ms;
        query.after_id = last.id.text;
    } while (page.more);
    return count;
}

static void a_cursor_walks_past_every_order_once(void **state)
{
    given_orders(*state, "carol", 25);

    assert_int_equal(walk_by_cursor(*state, "carol", 1), 25);
    assert_int_equal(walk_by_cursor(*state, "carol", 5), 25);
    assert_int_equal(walk_by_cursor(*state, "carol", 25), 25);
    assert_int_equal(walk_by_cursor(*state, "carol", 100), 25);
    assert_int_equal(walk_by_cursor(*state, "nobody", 100), 0);
    assert_int_equal(walk_by_cursor(*state, NULL, 100),
                     sql_number("SELECT count(*) FROM payapi.orders"));
}

static void pages_are_counted(void **state)
{
    struct order_page_query query = { .owner = "dave", .limit = 10, .page = 1 };

    given_orders(*state, "dave", 25);
    assert_int_equal(listed(*state, query).count, 10);
    assert_int_equal(listed(*state, query).total, 25);
    query.page = 3;
    assert_int_equal(listed(*state, query).count, 5);
    query.page = 4;
    assert_int_equal(listed(*state, query).count, 0);
    assert_int_equal(listed(*state, query).total, 25);
}

static void pages_of_everybody_hold_the_orders_of_all(void **state)
{
    struct order_page_query query = { .owner = NULL, .limit = 100, .page = 1 };

    given_orders(*state, "erin", 3);
    assert_int_equal(listed(*state, query).total,
                     sql_number("SELECT count(*) FROM payapi.orders"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(an_order_comes_back_as_it_was_stored),
        TEST(an_order_of_somebody_else_is_not_found),
        TEST(an_order_id_is_given_once),
        TEST(the_label_of_an_order_changes_with_its_time),
        TEST(the_label_of_no_order_cannot_change),
        TEST(creating_an_order_is_two_round_trips),
        TEST(a_query_is_one_round_trip_without_a_transaction),
        TEST(a_cursor_walks_past_every_order_once),
        TEST(pages_are_counted),
        TEST(pages_of_everybody_hold_the_orders_of_all),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store orders", tests, NULL, NULL);
}
