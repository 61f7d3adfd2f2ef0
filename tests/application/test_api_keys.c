/* API keys: made within the maker's own scopes, ended once, noted once a minute; audited. */
#include "given.h"

#include <stdio.h>
#include <string.h>

#include "application/queries.h"
#include "application/store/store_api_keys.h"

static struct create_api_key a_wish(enum scope scope)
{
    struct create_api_key wish = { .name = "shop" };

    scopes_add(&wish.scopes, scope);
    return wish;
}

static struct new_api_key given_an_api_key(enum scope scope)
{
    const struct create_api_key wish = a_wish(scope);
    struct new_api_key made;

    assert_null(create_api_key(given_a_request_of_an_admin(), &wish, &made));
    return made;
}

/* A request with that key. */
static struct ctx *given_a_request_with(struct api_key *key)
{
    struct ctx *ctx = given_a_request_of(key->id.text);

    ctx->actor.kind = ACTOR_KEY;
    ctx->actor.role = ROLE_SHOP;
    ctx->api_key = key;
    return ctx;
}

static int key_count(void)
{
    return fake_store_tables(the_store)->api_key_count;
}

/* --- Made -------------------------------------------------------------------------------------- */

static void a_new_key_is_kept_as_its_digest_and_audited(void **state)
{
    struct new_api_key made = given_an_api_key(SCOPE_ORDERS_READ);
    struct fake_tables *rows = fake_store_tables(the_store);
    const struct bytes text = bytes_of(made.text);
    bool live;

    (void) state;
    assert_true(api_key_read(made.text, &live));
    assert_int_equal(live, ctx_is_live(given_a_request_of_an_admin()));
    assert_int_equal(key_count(), 1);
    assert_true(digest_equal(rows->api_keys[0].digest, digest_of(&text, 1)));
    assert_memory_equal(made.text + strlen("payapi_test_"), made.record.key.shown, API_KEY_SHOWN);
    assert_int_equal(fake_store_count_audits(the_store, "api-key.created"), 1);
    assert_non_null(strstr(rows->audit[0].body, "\"scopes\":[\"orders:read\"]"));
    assert_null(strstr(rows->audit[0].body, made.text));
    assert_int_equal(rows->audit[0].event, DOMAIN_EVENT_NONE);
}

static void two_keys_are_never_alike(void **state)
{
    struct new_api_key one = given_an_api_key(SCOPE_ORDERS_READ);
    struct new_api_key two = given_an_api_key(SCOPE_ORDERS_READ);

    (void) state;
    assert_string_not_equal(one.text, two.text);
    assert_string_not_equal(one.record.key.id.text, two.record.key.id.text);
}

static void a_lost_answer_to_a_commit_leaves_one_key(void **state)
{
    (void) state;
    fake_store_fail(the_store, 3, FAULT_CONNECTION_LOST_AFTER);         /* the COMMIT */
    given_an_api_key(SCOPE_ORDERS_READ);
    assert_int_equal(fake_store_repeat_count(the_store), 1);
    assert_int_equal(key_count(), 1);
    assert_int_equal(fake_store_count_audits(the_store, "api-key.created"), 1);
}

static void nobody_grants_a_scope_without_having_it(void **state)
{
    (void) state;
    for (enum scope has = SCOPE_NONE + 1; has < SCOPE_COUNT; has++)
        for (enum scope wanted = SCOPE_NONE + 1; wanted < SCOPE_COUNT; wanted++) {
            struct create_api_key wish = a_wish(wanted);
            struct api_key maker = { .id = { "key_01ARZ3NDEKTSV4RRFFQ69G5FAV" } };
            const struct problem *problem;
            struct new_api_key made;

            fake_store_tables(the_store)->api_key_count = 0;
            fake_store_tables(the_store)->audit_count = 0;
            scopes_add(&maker.scopes, has);
            problem = create_api_key(given_a_request_with(&maker), &wish, &made);
            if (has == wanted || has == SCOPE_ADMIN) {
                assert_null(problem);
                continue;
            }
            assert_int_equal(problem->type, PROBLEM_VALIDATION_FAILED);
            assert_string_equal(problem->fields[0].pointer, "#/scopes");
            assert_non_null(strstr(problem->fields[0].detail, scope_name(wanted)));
            assert_int_equal(key_count(), 0);
        }
}

static void a_key_expires_in_the_future_or_never(void **state)
{
    struct create_api_key wish = a_wish(SCOPE_ORDERS_READ);
    const struct problem *problem;
    struct new_api_key made;

    (void) state;
    wish.expires_at_ms = NOW_MS;
    problem = create_api_key(given_a_request_of_an_admin(), &wish, &made);
    assert_int_equal(problem->type, PROBLEM_VALIDATION_FAILED);
    assert_string_equal(problem->fields[0].pointer, "#/expiresAt");
    wish.expires_at_ms = NOW_MS + 1;
    assert_null(create_api_key(given_a_request_of_an_admin(), &wish, &made));
    assert_int_equal(made.record.key.expires_at_ms, NOW_MS + 1);
}

/* --- Ended ------------------------------------------------------------------------------------- */

static void a_key_is_ended_once(void **state)
{
    struct new_api_key made = given_an_api_key(SCOPE_ORDERS_READ);
    struct api_key_record record;

    (void) state;
    for (int i = 0; i < 2; i++) {
        assert_null(revoke_api_key(given_a_request_of_an_admin(), made.record.key.id.text, &record));
        assert_int_equal(record.key.revoked_at_ms, NOW_MS);
        given_time_passes(10);
    }
    assert_int_equal(fake_store_count_audits(the_store, "api-key.revoked"), 1);
}

static void a_key_that_is_not_there_cannot_be_ended(void **state)
{
    static const char *const ids[] = { "", "key_", "key_01ARZ3NDEKTSV4RRFFQ69G5FAV",
                                       "pay_01ARZ3NDEKTSV4RRFFQ69G5FAV" };
    struct api_key_record record;

    (void) state;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
        assert_int_equal(revoke_api_key(given_a_request_of_an_admin(), ids[i], &record)->type,
                         PROBLEM_NOT_FOUND);
}

/* --- Used -------------------------------------------------------------------------------------- */

static void a_key_is_found_although_the_connection_breaks_once(void **state)
{
    struct new_api_key made = given_an_api_key(SCOPE_ORDERS_READ);
    const struct bytes text = bytes_of(made.text);
    struct api_key key;
    bool found;

    (void) state;
    fake_store_fail(the_store, 1, FAULT_CONNECTION_LOST_BEFORE);
    assert_null(find_api_key(given_a_request_of(""), digest_of(&text, 1), &key, &found));
    assert_true(found);
    assert_string_equal(key.id.text, made.record.key.id.text);
}

static void its_use_is_noted_once_a_minute(void **state)
{
    struct api_key key = given_an_api_key(SCOPE_ORDERS_READ).record.key;
    const struct fake_api_key *row = &fake_store_tables(the_store)->api_keys[0];

    (void) state;
    note_api_key_use(given_a_request_of_an_admin());    /* no key */
    assert_int_equal(row->uses_noted, 0);
    for (int minute = 1; minute <= 2; minute++) {
        for (int i = 0; i < 3; i++)
            note_api_key_use(given_a_request_with(&key));
        assert_int_equal(row->uses_noted, minute);
        given_time_passes(60);
    }
}

static void a_use_that_cannot_be_noted_is_not_tried_again_at_once(void **state)
{
    struct api_key key = given_an_api_key(SCOPE_ORDERS_READ).record.key;
    int waits;

    (void) state;
    fake_store_is_down(the_store, true);
    note_api_key_use(given_a_request_with(&key));
    waits = fake_store_wait_count(the_store);
    note_api_key_use(given_a_request_with(&key));
    assert_int_equal(fake_store_wait_count(the_store), waits);
}

static void an_order_of_a_key_belongs_to_whom_it_names(void **state)
{
    struct api_key key = given_an_api_key(SCOPE_ORDERS_WRITE).record.key;
    struct create_order command = { .order = { .id = { "named" }, .amount = { 9999, "USD" },
                                               .owner_id = "bob" } };
    struct answer answer;

    (void) state;
    assert_null(create_order(given_a_request_with(&key), &command, &answer));
    assert_string_equal(the_order("named")->owner_id, "bob");
    command = (struct create_order) { .order = { .id = { "own" }, .amount = { 9999, "USD" } } };
    assert_null(create_order(given_a_request_with(&key), &command, &answer));
    assert_string_equal(the_order("own")->owner_id, "shop");
}

static void a_key_checks_out_the_orders_of_all_owners(void **state)
{
    struct api_key key = given_an_api_key(SCOPE_PAYMENTS_WRITE).record.key;
    struct answer answer;

    (void) state;
    given_an_order("abc-123", "bob", (struct money) { 9999, "USD" });
    assert_null(check_out(given_a_request_with(&key), "abc-123", NULL, &answer));
    assert_int_equal(answer.http_status, 201);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_world, tear_down_world)
    const struct CMUnitTest tests[] = {
        TEST(a_new_key_is_kept_as_its_digest_and_audited),
        TEST(two_keys_are_never_alike),
        TEST(a_lost_answer_to_a_commit_leaves_one_key),
        TEST(nobody_grants_a_scope_without_having_it),
        TEST(a_key_expires_in_the_future_or_never),
        TEST(a_key_is_ended_once),
        TEST(a_key_that_is_not_there_cannot_be_ended),
        TEST(a_key_is_found_although_the_connection_breaks_once),
        TEST(its_use_is_noted_once_a_minute),
        TEST(a_use_that_cannot_be_noted_is_not_tried_again_at_once),
        TEST(an_order_of_a_key_belongs_to_whom_it_names),
        TEST(a_key_checks_out_the_orders_of_all_owners),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
