/* API keys on a real PostgreSQL: found by digest, listed, ended once, and their use noted. */
#include "application/store/store_api_keys.h"
#include "store_world.h"

static struct digest digest_number(int number)
{
    struct digest digest = { { 0 } };

    memcpy(digest.bytes, &number, sizeof(number));
    return digest;
}

static struct api_key some_api_key(struct ctx *ctx)
{
    struct api_key key = { .name = "a \"shop\", {really}", .shown = "01234567", .network_count = 2,
                           .created_at_ms = ctx->now_ms, .expires_at_ms = ctx->now_ms + 3600000 };

    ctx_new_id(ctx, "key", key.id.text);
    scopes_add(&key.scopes, SCOPE_ORDERS_READ);
    scopes_add(&key.scopes, SCOPE_REFUNDS_WRITE);
    assert_true(network_parse("192.0.2.0/24", &key.networks[0]));
    assert_true(network_parse("2001:db8::/32", &key.networks[1]));
    return key;
}

static struct api_key given_an_api_key(struct ctx *ctx, int number)
{
    struct api_key key = some_api_key(ctx);

    store_begin(ctx);
    store_api_key_insert(ctx, &key, digest_number(number));
    assert_ok(store_commit(ctx));
    return key;
}

static struct api_key found(struct ctx *ctx, int number)
{
    struct api_key key;
    bool is_found;

    assert_ok(store_api_key_find(ctx, digest_number(number), &key, &is_found));
    assert_true(is_found);
    return key;
}

static void a_key_comes_back_as_it_was_made(void **state)
{
    struct api_key made = given_an_api_key(*state, 1), key = found(*state, 1);
    int64_t before = store_round_trips(((struct ctx *) *state)->store);
    bool is_found;

    assert_string_equal(key.id.text, made.id.text);
    assert_string_equal(key.name, made.name);
    assert_string_equal(key.shown, made.shown);
    assert_int_equal(key.live, made.live);
    assert_int_equal(key.scopes.bits, made.scopes.bits);
    assert_int_equal(key.network_count, 2);
    assert_memory_equal(key.networks, made.networks, sizeof(key.networks));
    assert_int_equal(key.created_at_ms, made.created_at_ms);
    assert_int_equal(key.expires_at_ms, made.expires_at_ms);
    assert_int_equal(key.revoked_at_ms, 0);
    assert_int_equal(key.last_used_at_ms, 0);
    assert_ok(store_api_key_find(*state, digest_number(999), &key, &is_found));
    assert_false(is_found);
    assert_int_equal(store_round_trips(((struct ctx *) *state)->store), before + 1);
}

/* It is of a later version. */
static void a_scope_that_we_do_not_know_allows_nothing(void **state)
{
    struct api_key made = some_api_key(*state), key;

    sql_run("INSERT INTO payapi.api_keys (key_id, key_hash, live, shown, name, scopes, networks,"
            " created_at, created_by) VALUES ('%s', decode(rpad('02', 64, '0'), 'hex'), false,"
            " '01234567', 'n', '{audit:read,moon:walk}', '{10.0.0.0/8}', now(), 'a')",
            made.id.text);
    key = found(*state, 2);
    assert_true(scopes_hold(key.scopes, SCOPE_AUDIT_READ));
    assert_int_equal(key.scopes.bits & (key.scopes.bits - 1), 0);
    assert_int_equal(key.network_count, 1);
    assert_true(network_holds(&key.networks[0], "10.1.2.3"));
}

static void a_key_is_ended_once_and_names_who_did_it(void **state)
{
    struct ctx *ctx = *state;
    struct api_key made = given_an_api_key(ctx, 3);
    struct api_key_record record;
    bool is_found;

    store_begin(ctx);
    assert_ok(store_api_key_lock(ctx, made.id, &record, &is_found));
    assert_true(is_found);
    assert_string_equal(record.created_by, "user:alice");
    assert_string_equal(record.revoked_by, "");
    store_api_key_revoke(ctx, made.id);
    assert_ok(store_commit(ctx));
    assert_int_equal(found(ctx, 3).revoked_at_ms, ctx->now_ms);
    store_begin(ctx);
    store_api_key_revoke(ctx, made.id);
    assert_non_null(store_commit(ctx));         /* no row was changed */
    store_rollback_if_open(ctx);
}

static void the_list_is_newest_first_and_goes_on(void **state)
{
    struct ctx *ctx = *state;
    struct api_key_query query = { .limit = 2 };
    struct api_key_page page;
    struct api_key made[3];

    for (int i = 0; i < 3; i++) {
        ctx->now_ms++;
        made[i] = given_an_api_key(ctx, 10 + i);
    }
    assert_ok(store_api_keys_list(ctx, &query, &page));
    assert_int_equal(page.count, 2);
    assert_true(page.more);
    assert_string_equal(page.records[0].key.id.text, made[2].id.text);
    query.after_id = page.records[1].key.id.text;
    assert_ok(store_api_keys_list(ctx, &query, &page));
    assert_string_equal(page.records[0].key.id.text, made[0].id.text);
}

static const char *version_of(struct api_key_id id)
{
    return sql_text("SELECT xmin::text FROM payapi.api_keys WHERE key_id = '%s'", id.text);
}

static void a_use_is_noted_once_a_minute(void **state)
{
    struct ctx *ctx = *state;
    struct api_key made = given_an_api_key(ctx, 20);
    const char *first;

    assert_ok(store_api_key_note_use(ctx, made.id));
    assert_int_equal(found(ctx, 20).last_used_at_ms, ctx->now_ms / 60000 * 60000);
    first = version_of(made.id);
    assert_ok(store_api_key_note_use(ctx, made.id));
    assert_string_equal(version_of(made.id), first);
    ctx->now_ms -= 60000;                       /* another machine's clock */
    assert_ok(store_api_key_note_use(ctx, made.id));
    assert_string_equal(version_of(made.id), first);
    ctx->now_ms += 120000;
    assert_ok(store_api_key_note_use(ctx, made.id));
    assert_int_equal(found(ctx, 20).last_used_at_ms, ctx->now_ms / 60000 * 60000);
}

static void noting_a_use_waits_for_no_lock(void **state)
{
    struct ctx *ctx = *state, *other = given_a_worker();
    struct api_key made = given_an_api_key(ctx, 21);
    struct api_key_record record;
    bool is_found;

    store_begin(other);
    assert_ok(store_api_key_lock(other, made.id, &record, &is_found));
    assert_ok(store_api_key_note_use(ctx, made.id));
    assert_int_equal(found(ctx, 21).last_used_at_ms, 0);
    store_rollback_if_open(other);
    dismiss(other);
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)
    const struct CMUnitTest tests[] = {
        TEST(a_key_comes_back_as_it_was_made),
        TEST(a_scope_that_we_do_not_know_allows_nothing),
        TEST(a_key_is_ended_once_and_names_who_did_it),
        TEST(the_list_is_newest_first_and_goes_on),
        TEST(a_use_is_noted_once_a_minute),
        TEST(noting_a_use_waits_for_no_lock),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
