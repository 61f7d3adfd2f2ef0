/* create_order: one key, one order, one answer; and a lost COMMIT is not a conflict with oneself. */
#include "given.h"

#include <stdio.h>
#include <string.h>

static const struct problem *create(const char *id, const struct idempotency_key *key,
                                    struct answer *answer_out)
{
    struct create_order command = { .order = { .amount = { 9999, "USD" } }, .key = key };

    snprintf(command.order.id.text, sizeof(command.order.id.text), "%s", id);
    return create_order(given_a_request_of("alice"), &command, answer_out);
}

static int order_count(void)
{
    return fake_store_tables(the_store)->order_count;
}

static void an_order_is_stored_with_its_owner_its_audit_and_its_event(void **state)
{
    struct answer answer;
    (void) state;

    assert_null(create("abc-123", NULL, &answer));

    assert_int_equal(answer.http_status, 201);
    assert_body(&answer, "order abc-123 open");
    assert_string_equal(the_order("abc-123")->owner_id, "alice");
    assert_int_equal(the_order("abc-123")->status, ORDER_OPEN);
    assert_int_equal(the_order("abc-123")->created_at_ms, NOW_MS);
    assert_int_equal(fake_store_count_audits(the_store, "order.created"), 1);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_ORDER_CREATED), 1);
}

static void an_order_without_an_id_gets_one(void **state)
{
    struct answer answer;
    (void) state;

    assert_null(create("", NULL, &answer));

    assert_true(id_is_valid("ord", fake_store_tables(the_store)->orders[0].id.text));
}

static void the_same_key_gives_the_first_answer_again_byte_for_byte(void **state)
{
    struct answer first, second;
    (void) state;

    assert_null(create("", a_key("k1"), &first));
    assert_null(create("", a_key("k1"), &second));

    assert_int_equal(order_count(), 1);
    assert_int_equal(second.http_status, 201);
    assert_true(bytes_equal(first.body, second.body));
    assert_false(first.replayed);
    assert_true(second.replayed);
}

static void create_with_that_key(void *answer)
{
    assert_null(create("", a_key("k1"), answer));
}

static void a_key_that_another_used_since_the_peek_gives_its_answer(void **state)
{
    struct answer answer, rivals;
    (void) state;

    fake_store_after_peek(the_store, create_with_that_key, &rivals);
    assert_null(create("", a_key("k1"), &answer));

    assert_true(answer.replayed);
    assert_true(bytes_equal(answer.body, rivals.body));
    assert_int_equal(order_count(), 1);
}

static void a_key_of_another_request_is_refused(void **state)
{
    struct idempotency_key other = *a_key("k1");
    struct answer answer;
    const struct problem *problem;
    (void) state;

    assert_null(create("", a_key("k1"), &answer));
    other.fingerprint = "f2";
    problem = create("", &other, &answer);

    assert_int_equal(problem->type, PROBLEM_IDEMPOTENCY_KEY_REUSED);
    assert_int_equal(order_count(), 1);
}

static void a_conflict_without_a_key_is_a_problem(void **state)
{
    struct answer answer;
    (void) state;

    given_an_order("abc-123", "bob", (struct money) { 100, "USD" });

    assert_int_equal(create("abc-123", NULL, &answer)->type, PROBLEM_ORDER_ALREADY_EXISTS);
    assert_string_equal(the_order("abc-123")->owner_id, "bob");
}

static void a_conflict_is_the_answer_of_its_key(void **state)
{
    struct answer first, second;
    (void) state;

    given_an_order("abc-123", "bob", (struct money) { 100, "USD" });

    assert_null(create("abc-123", a_key("k1"), &first));
    assert_null(create("abc-123", a_key("k1"), &second));

    assert_int_equal(first.http_status, 409);
    assert_int_equal(first.problem->type, PROBLEM_ORDER_ALREADY_EXISTS);
    assert_int_equal(second.http_status, 409);
    assert_true(bytes_equal(first.body, second.body));
    assert_true(second.replayed);
    assert_int_equal(order_count(), 1);
    assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_ORDER_CREATED), 1);
}

static void an_own_older_order_of_the_same_id_is_a_conflict_even_after_a_lost_commit(void **state)
{
    struct answer answer;
    (void) state;

    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    given_time_passes(1);
    fake_store_fail(the_store, 1, FAULT_CONNECTION_LOST_BEFORE);

    assert_int_equal(create("abc-123", NULL, &answer)->type, PROBLEM_ORDER_ALREADY_EXISTS);
}

/* Whatever wait fails in whatever way: one order, told once, and the answer is 201. */
static void a_lost_connection_at_any_wait_leaves_one_order(void **state)
{
    static const enum fake_fault faults[] = { FAULT_CONNECTION_LOST_BEFORE,
                                              FAULT_CONNECTION_LOST_AFTER, FAULT_SERIALIZATION };
    (void) state;

    for (int with_key = 0; with_key <= 1; with_key++)
        for (size_t f = 0; f < 3; f++)
            for (int nth = 1; nth <= 2 + with_key; nth++) {
                struct answer answer, again;

                set_up_world(NULL);
                fake_store_fail(the_store, nth, faults[f]);
                assert_null(create("abc-123", with_key ? a_key("k1") : NULL, &answer));

                assert_int_equal(answer.http_status, 201);
                assert_body(&answer, "order abc-123 open");
                assert_int_equal(order_count(), 1);
                assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_ORDER_CREATED), 1);
                assert_int_equal(fake_store_count_audits(the_store, "order.created"), 1);
                if (with_key) {
                    assert_null(create("abc-123", a_key("k1"), &again));
                    assert_true(bytes_equal(answer.body, again.body));
                }
            }
}

static void without_a_database_nothing_is_acknowledged(void **state)
{
    struct answer answer;
    (void) state;

    fake_store_is_down(the_store, true);
    assert_int_equal(create("abc-123", a_key("k1"), &answer)->type, PROBLEM_DATABASE_UNAVAILABLE);
    fake_store_is_down(the_store, false);

    assert_int_equal(order_count(), 0);
    assert_null(create("abc-123", a_key("k1"), &answer));
    assert_int_equal(answer.http_status, 201);
}

/* A crash at any step, and the client's repeat: one order, and with the key the right answer. */
static void a_crash_at_any_step_leaves_at_most_one_order(void **state)
{
    bool ended = false;
    (void) state;

    for (volatile int nth = 1; !ended; nth++) {
        struct answer answer;

        set_up_world(NULL);
        ended = SURVIVES(nth, create("abc-123", a_key("k1"), &answer));
        fake_store_reconnect(the_store);
        given_time_passes(IDEMPOTENCY_LEASE_S + 1);

        assert_null(create("abc-123", a_key("k1"), &answer));
        assert_int_equal(answer.http_status, 201);
        assert_int_equal(order_count(), 1);
        assert_int_equal(fake_store_count_events(the_store, DOMAIN_EVENT_ORDER_CREATED), 1);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_world, tear_down_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_order_is_stored_with_its_owner_its_audit_and_its_event),
        TEST(an_order_without_an_id_gets_one),
        TEST(the_same_key_gives_the_first_answer_again_byte_for_byte),
        TEST(a_key_that_another_used_since_the_peek_gives_its_answer),
        TEST(a_key_of_another_request_is_refused),
        TEST(a_conflict_without_a_key_is_a_problem),
        TEST(a_conflict_is_the_answer_of_its_key),
        TEST(an_own_older_order_of_the_same_id_is_a_conflict_even_after_a_lost_commit),
        TEST(a_lost_connection_at_any_wait_leaves_one_order),
        TEST(without_a_database_nothing_is_acknowledged),
        TEST(a_crash_at_any_step_leaves_at_most_one_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
