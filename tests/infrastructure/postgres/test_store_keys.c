#include "store_world.h"

/* As a command does it: peeks, and takes the key if it is free. */
static const struct problem *claim_for(struct ctx *ctx, const struct idempotency_key *key,
                                       struct payment_id payment_id, struct claim *claim_out)
{
    store_begin(ctx);
    TRY(store_key_peek(ctx, key, claim_out));
    if (claim_out->state == CLAIM_FREE)
        store_key_take(ctx, key, claim_out,
                       payment_id.text[0] != '\0' ? payment_id : claim_out->payment_id);
    return store_commit(ctx);
}

static struct claim claimed(struct ctx *ctx, const struct idempotency_key *key)
{
    const struct payment_id as_it_is = { "" };
    struct claim claim;

    assert_ok(claim_for(ctx, key, as_it_is, &claim));
    return claim;
}

static void finish(struct ctx *ctx, const struct idempotency_key *key, int64_t fence)
{
    struct answer answer = { .http_status = 201, .body = bytes_of("{\"b\":1,\"a\":2}"),
                             .retry_after_s = 7 };

    store_begin(ctx);
    store_key_finish(ctx, key, fence, &answer);
    assert_ok(store_commit(ctx));
}

static void lease_runs_out(const struct idempotency_key *key)
{
    sql_run("UPDATE payapi.idempotency_keys SET locked_until = now() - interval '1 second'"
            " WHERE key = '%s'", key->key);
}

static void grows_older_than_its_time(const struct idempotency_key *key)
{
    sql_run("UPDATE payapi.idempotency_keys SET created_at = now() - interval '73 hours'"
            " WHERE key = '%s'", key->key);
}

static struct idempotency_key of_another_request(struct ctx *ctx, struct idempotency_key key)
{
    key.holder = some_key(ctx).holder;
    return key;
}

/* --- Claims -------------------------------------------------------------------------------- */

static void a_fresh_key_is_mine(void **state)
{
    struct idempotency_key key = some_key(*state);
    struct claim claim = claimed(*state, &key);

    assert_int_equal(claim.state, CLAIM_FREE);
    assert_int_equal(claim.fence, 1);
    assert_string_equal(claim.payment_id.text, "");
}

static void a_peek_is_one_round_trip_and_no_commit(void **state)
{
    struct ctx *ctx = *state;
    struct idempotency_key key = some_key(ctx);
    int64_t before = store_round_trips(ctx->store), commits = store_commits(ctx->store);
    struct claim claim;

    store_begin(ctx);
    assert_ok(store_key_peek(ctx, &key, &claim));
    assert_ok(store_commit(ctx));
    assert_int_equal(store_round_trips(ctx->store) - before, 1);
    assert_int_equal(store_commits(ctx->store) - commits, 0);
}

/* What the peek said is no longer so: whoever took the key meanwhile keeps it. */
static void assert_overtaken(struct ctx *ctx, const struct idempotency_key *key,
                             const struct claim *peeked)
{
    const struct payment_id no_payment = { "" };

    store_begin(ctx);
    store_key_take(ctx, key, peeked, no_payment);
    assert_problem(store_commit(ctx), PROBLEM_REQUEST_IN_PROGRESS, true);
    store_rollback_if_open(ctx);
}

static struct claim peeked(struct ctx *ctx, const struct idempotency_key *key)
{
    struct claim claim;

    assert_ok(store_key_peek(ctx, key, &claim));
    return claim;
}

static void a_key_that_another_took_since_the_peek_is_not_taken(void **state)
{
    struct ctx *ctx = *state;
    struct idempotency_key key = some_key(ctx), rival = of_another_request(ctx, key);
    struct claim seen = peeked(ctx, &key);

    assert_int_equal(seen.state, CLAIM_FREE);
    claimed(ctx, &rival);                                       /* it was absent */
    assert_overtaken(ctx, &key, &seen);

    lease_runs_out(&key);
    seen = peeked(ctx, &key);
    assert_int_equal(seen.state, CLAIM_FREE);
    rival = of_another_request(ctx, key);
    claimed(ctx, &rival);                                       /* its lease had run out */
    assert_overtaken(ctx, &key, &seen);

    finish(ctx, &rival, peeked(ctx, &rival).fence);
    grows_older_than_its_time(&key);
    seen = peeked(ctx, &key);
    assert_int_equal(seen.state, CLAIM_FREE);
    claimed(ctx, &rival);                                       /* it was too old */
    assert_overtaken(ctx, &key, &seen);
    assert_string_equal(sql_text("SELECT holder FROM payapi.idempotency_keys WHERE key = '%s'",
                                 key.key), rival.holder);
}

/* payapi-jobs purges keys that are too old. */
static void a_key_that_was_purged_since_the_peek_is_new(void **state)
{
    struct ctx *ctx = *state;
    struct idempotency_key key = some_key(ctx);
    struct payment_id no_payment = { "" };
    struct claim seen;

    finish(ctx, &key, claimed(ctx, &key).fence);
    grows_older_than_its_time(&key);
    seen = peeked(ctx, &key);
    sql_run("DELETE FROM payapi.idempotency_keys WHERE key = '%s'", key.key);
    store_begin(ctx);
    store_key_take(ctx, &key, &seen, no_payment);
    assert_ok(store_commit(ctx));
    finish(ctx, &key, seen.fence);
    assert_int_equal(claimed(ctx, &key).state, CLAIM_DONE);
}

static void my_own_claim_is_mine_again_with_the_same_fence(void **state)
{
    struct idempotency_key key = some_key(*state);
    struct claim again;

    claimed(*state, &key);
    again = claimed(*state, &key);

    assert_int_equal(again.state, CLAIM_FREE);
    assert_int_equal(again.fence, 1);
}

static void a_running_key_is_not_taken(void **state)
{
    struct idempotency_key key = some_key(*state);
    struct idempotency_key rival = of_another_request(*state, key);

    claimed(*state, &key);
    assert_int_equal(claimed(*state, &rival).state, CLAIM_RUNNING);
    assert_string_equal(sql_text("SELECT holder FROM payapi.idempotency_keys WHERE key = '%s'",
                                 key.key), key.holder);
}

static void an_expired_lease_is_taken_over_with_its_payment(void **state)
{
    struct ctx *ctx = *state;
    struct idempotency_key key = some_key(ctx);
    struct idempotency_key rival = of_another_request(ctx, key);
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct claim claim;

    assert_ok(claim_for(ctx, &key, payment.id, &claim));
    lease_runs_out(&key);
    claim = claimed(ctx, &rival);

    assert_int_equal(claim.state, CLAIM_FREE);
    assert_int_equal(claim.fence, 2);
    assert_string_equal(claim.payment_id.text, payment.id.text);
}

static void a_finished_key_gives_the_first_answer(void **state)
{
    struct idempotency_key key = some_key(*state);
    struct idempotency_key repeat = of_another_request(*state, key);
    struct claim claim;

    finish(*state, &key, claimed(*state, &key).fence);
    claim = claimed(*state, &repeat);

    assert_int_equal(claim.state, CLAIM_DONE);
    assert_int_equal(claim.answer.http_status, 201);
    assert_int_equal(claim.answer.retry_after_s, 7);
    assert_true(claim.answer.replayed);
    assert_true(bytes_equal(claim.answer.body, bytes_of("{\"b\":1,\"a\":2}")));
}

/* A command of one transaction writes its key once. */
static void a_key_can_be_taken_with_its_answer(void **state)
{
    struct ctx *ctx = *state;
    struct idempotency_key key = some_key(ctx), rival = of_another_request(ctx, key);
    struct answer answer = { .http_status = 422, .body = bytes_of("{}"), .retry_after_s = 3 };
    const struct payment_id no_payment = { "" };
    struct claim seen = peeked(ctx, &key), late = peeked(ctx, &rival);

    store_begin(ctx);
    store_key_answer(ctx, &key, &seen, no_payment, &answer);
    assert_ok(store_commit(ctx));
    seen = peeked(ctx, &rival);
    assert_int_equal(seen.state, CLAIM_DONE);
    assert_int_equal(seen.answer.http_status, 422);
    assert_int_equal(seen.answer.retry_after_s, 3);
    assert_true(seen.answer.replayed);
    assert_true(bytes_equal(seen.answer.body, bytes_of("{}")));
    store_begin(ctx);
    store_key_answer(ctx, &rival, &late, no_payment, &answer);  /* which the other took meanwhile */
    assert_problem(store_commit(ctx), PROBLEM_REQUEST_IN_PROGRESS, true);
    store_rollback_if_open(ctx);
}

static void my_own_answer_met_again_is_no_replay(void **state)
{
    struct idempotency_key key = some_key(*state);
    struct claim claim;

    finish(*state, &key, claimed(*state, &key).fence);
    claim = claimed(*state, &key);

    assert_int_equal(claim.state, CLAIM_DONE);
    assert_false(claim.answer.replayed);
}

static void another_request_never_gets_the_key(void **state)
{
    struct idempotency_key key = some_key(*state);
    struct idempotency_key other = of_another_request(*state, key);

    other.fingerprint = FINGERPRINT_B;
    int64_t fence = claimed(*state, &key).fence;

    assert_int_equal(claimed(*state, &other).state, CLAIM_OTHER_REQUEST);
    lease_runs_out(&key);
    assert_int_equal(claimed(*state, &other).state, CLAIM_OTHER_REQUEST);
    finish(*state, &key, fence);
    assert_int_equal(claimed(*state, &other).state, CLAIM_OTHER_REQUEST);
}

static void keys_of_others_and_of_other_routes_are_other_keys(void **state)
{
    struct idempotency_key key = some_key(*state);
    struct idempotency_key bobs = of_another_request(*state, key);
    struct idempotency_key elsewhere = of_another_request(*state, key);

    bobs.principal = "bob";
    elsewhere.route = "POST /api/v1/orders";
    claimed(*state, &key);

    assert_int_equal(claimed(*state, &bobs).fence, 1);
    assert_int_equal(claimed(*state, &elsewhere).fence, 1);
}

static void a_key_beyond_its_time_starts_again(void **state)
{
    struct idempotency_key key = some_key(*state);
    struct idempotency_key other = of_another_request(*state, key);
    struct claim claim;

    other.fingerprint = FINGERPRINT_B;
    finish(*state, &key, claimed(*state, &key).fence);
    grows_older_than_its_time(&key);
    claim = claimed(*state, &other);

    assert_int_equal(claim.state, CLAIM_FREE);
    assert_true(claim.fence > 1);
    assert_string_equal(claim.payment_id.text, "");
    assert_int_equal(claimed(*state, &key).state, CLAIM_OTHER_REQUEST);
}

static void a_key_that_is_running_is_never_too_old(void **state)
{
    struct idempotency_key key = some_key(*state);
    struct idempotency_key rival = of_another_request(*state, key);

    claimed(*state, &key);
    grows_older_than_its_time(&key);
    assert_int_equal(claimed(*state, &rival).state, CLAIM_RUNNING);
}

/* --- Release ------------------------------------------------------------------------------- */

static struct claim claim_after_release(struct ctx *ctx, bool unbind)
{
    struct idempotency_key key = some_key(ctx);
    struct idempotency_key repeat = of_another_request(ctx, key);
    struct order order = given_an_order(ctx);
    struct payment payment = given_a_payment(ctx, &order);
    struct claim claim;

    assert_ok(claim_for(ctx, &key, payment.id, &claim));
    store_begin(ctx);
    store_key_release(ctx, &key, claim.fence, unbind);
    assert_ok(store_commit(ctx));
    return claimed(ctx, &repeat);
}

static void a_released_key_is_taken_over_at_once(void **state)
{
    struct claim claim = claim_after_release(*state, false);

    assert_int_equal(claim.state, CLAIM_FREE);
    assert_int_equal(claim.fence, 2);
    assert_string_not_equal(claim.payment_id.text, "");
}

static void a_release_may_forget_the_payment(void **state)
{
    assert_string_equal(claim_after_release(*state, true).payment_id.text, "");
}

/* --- The fence ----------------------------------------------------------------------------- */

static void a_runner_that_lost_its_fence_commits_nothing(void **state)
{
    struct ctx *ctx = *state;
    struct idempotency_key key = some_key(ctx);
    struct idempotency_key rival = of_another_request(ctx, key);
    struct answer answer = { .http_status = 201, .body = bytes_of("{}") };
    struct order order = some_order(ctx, "alice");
    int64_t fence = claimed(ctx, &key).fence;

    lease_runs_out(&key);
    claimed(ctx, &rival);
    store_begin(ctx);
    store_order_insert(ctx, &order);
    store_key_finish(ctx, &key, fence, &answer);
    assert_problem(store_commit(ctx), PROBLEM_REQUEST_IN_PROGRESS, true);
    store_rollback_if_open(ctx);

    assert_int_equal(sql_number("SELECT count(*) FROM payapi.orders WHERE order_id = '%s'",
                                order.id.text), 0);
    assert_string_equal(sql_text("SELECT state FROM payapi.idempotency_keys WHERE key = '%s'",
                                 key.key), "running");
}

static void every_change_of_a_key_asks_for_the_fence(void **state)
{
    struct ctx *ctx = *state;
    struct idempotency_key key = some_key(ctx);

    claimed(ctx, &key);
    store_begin(ctx);
    store_key_hold(ctx, &key, 2);
    assert_problem(store_commit(ctx), PROBLEM_REQUEST_IN_PROGRESS, true);
    store_rollback_if_open(ctx);
    store_begin(ctx);
    store_key_release(ctx, &key, 2, true);
    assert_problem(store_commit(ctx), PROBLEM_REQUEST_IN_PROGRESS, true);
    store_rollback_if_open(ctx);
}

static void finishing_twice_is_finishing_once(void **state)
{
    struct idempotency_key key = some_key(*state);
    int64_t fence = claimed(*state, &key).fence;

    finish(*state, &key, fence);
    finish(*state, &key, fence);
    assert_int_equal(claimed(*state, &key).state, CLAIM_DONE);
}

/* --- Races --------------------------------------------------------------------------------- */

static struct idempotency_key contested;
static struct claim           seen[50];

/* Who is overtaken peeks again, as the runner does it. */
static void claim_contested(struct ctx *worker, int number)
{
    const struct payment_id as_it_is = { "" };
    struct idempotency_key key = contested;
    const struct problem *problem;

    key.holder = some_key(worker).holder;
    do {
        problem = claim_for(worker, &key, as_it_is, &seen[number]);
        store_rollback_if_open(worker);
    } while (problem != OK && problem->repeatable);
    if (problem != OK)
        seen[number].state = CLAIM_OTHER_REQUEST;
}

static int count_seen(enum claim_state claim_state)
{
    int count = 0;

    for (int i = 0; i < 50; i++)
        count += seen[i].state == claim_state;
    return count;
}

static void of_50_claims_at_once_one_wins(void **state)
{
    for (int round = 0; round < 5; round++) {
        contested = some_key(*state);
        at_once(50, claim_contested);
        assert_int_equal(count_seen(CLAIM_FREE), 1);
        assert_int_equal(count_seen(CLAIM_RUNNING), 49);
    }
}

static void of_50_takers_of_an_expired_lease_one_wins(void **state)
{
    contested = some_key(*state);
    claimed(*state, &contested);
    lease_runs_out(&contested);
    at_once(50, claim_contested);

    assert_int_equal(count_seen(CLAIM_FREE), 1);
    assert_int_equal(sql_number("SELECT fence FROM payapi.idempotency_keys WHERE key = '%s'",
                                contested.key), 2);
}

static void of_50_takers_of_a_key_beyond_its_time_one_wins(void **state)
{
    contested = some_key(*state);
    finish(*state, &contested, claimed(*state, &contested).fence);
    grows_older_than_its_time(&contested);
    at_once(50, claim_contested);

    assert_int_equal(count_seen(CLAIM_FREE), 1);
    assert_int_equal(count_seen(CLAIM_RUNNING), 49);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_fresh_key_is_mine),
        TEST(a_peek_is_one_round_trip_and_no_commit),
        TEST(a_key_that_another_took_since_the_peek_is_not_taken),
        TEST(a_key_that_was_purged_since_the_peek_is_new),
        TEST(my_own_claim_is_mine_again_with_the_same_fence),
        TEST(a_running_key_is_not_taken),
        TEST(an_expired_lease_is_taken_over_with_its_payment),
        TEST(a_finished_key_gives_the_first_answer),
        TEST(a_key_can_be_taken_with_its_answer),
        TEST(my_own_answer_met_again_is_no_replay),
        TEST(another_request_never_gets_the_key),
        TEST(keys_of_others_and_of_other_routes_are_other_keys),
        TEST(a_key_beyond_its_time_starts_again),
        TEST(a_key_that_is_running_is_never_too_old),
        TEST(a_released_key_is_taken_over_at_once),
        TEST(a_release_may_forget_the_payment),
        TEST(a_runner_that_lost_its_fence_commits_nothing),
        TEST(every_change_of_a_key_asks_for_the_fence),
        TEST(finishing_twice_is_finishing_once),
        TEST(of_50_claims_at_once_one_wins),
        TEST(of_50_takers_of_an_expired_lease_one_wins),
        TEST(of_50_takers_of_a_key_beyond_its_time_one_wins),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store keys", tests, NULL, NULL);
}
