/*
 * The lists with filters: every combination of them, the rows that it finds and the plan that it
 * has at 100,000 rows.
 */
#include "store_world.h"

#include "application/store/store_audit_list.h"
#include "application/store/store_inbox_events.h"
#include "application/store/store_movement_list.h"
#include "application/store/store_payment_list.h"
#include "infrastructure/postgres/listing.h"

#define ROWS 100000

/* --- Rows: of each table, the common and the rare --------------------------------------------- */

/* The digits of n stand in the place of the id's time, in base 32: 100 is 1,024 ms. */
#define ID(prefix, n) "'" prefix "_' || lpad((" n ")::text, 10, '0') || repeat('0', 16)"

/* Of the rows 1 to count. No triggers: only what lists read must be right. */
static void given_rows(int count)
{
    sql_run("SET session_replication_role = replica");
    sql_run("INSERT INTO payapi.orders (order_id, owner_id, amount_minor, currency, status, description,"
            "   created_at, updated_at)"
            " SELECT 'order-' || n, 'owner-' || n %% 3000, 9999, 'USD', 'open', '', now(), now()"
            " FROM generate_series(1, %d) AS n", count);
    sql_run("INSERT INTO payapi.payments (payment_id, order_id, amount_minor, currency, provider, status,"
            "   needs_review, expires_at, created_at, updated_at)"
            " SELECT " ID("pay", "n") ", 'order-' || n, 9999, 'USD',"
            "   CASE WHEN n %% 900 = 7 THEN 'paystack' ELSE 'stripe' END,"
            "   CASE WHEN n %% 700 = 7 THEN 'failed' WHEN n %% 9 = 7 THEN 'pending' ELSE 'completed' END,"
            "   n %% 300 = 7, now(), now(), now()"
            " FROM generate_series(1, %d) AS n", count);
    sql_run("INSERT INTO payapi.transactions SELECT " ID("txn", "n") ", " ID("pay", "n / 2") ","
            "   'order-' || n / 2,"
            "   CASE WHEN n %% 900 = 7 THEN 'dispute' WHEN n %% 9 = 7 THEN 'refund' ELSE 'charge' END,"
            "   1, CASE WHEN n %% 300 = 7 THEN 'EUR' ELSE 'USD' END,"
            "   CASE WHEN n %% 450 = 7 THEN 'paystack' ELSE 'stripe' END, 'ref:' || n, now(), 't',"
            "   to_timestamp(n * 60)"
            " FROM generate_series(1, %d) AS n", count);
    sql_run("INSERT INTO payapi.webhook_events (provider, event_id, inbox_id, type, livemode, body, status,"
            "   event_created_at, received_at, finished_at, trace_id, payment_id)"
            " SELECT CASE WHEN n %% 450 = 7 THEN 'paystack' ELSE 'stripe' END, 'evt_' || n, " ID("whe", "n") ","
            "   CASE WHEN n %% 3 = 1 THEN 'paid' ELSE 'opened' END, false, '',"
            "   CASE WHEN n %% 900 = 7 THEN 'received' WHEN n %% 800 = 7 THEN 'dead'"
            "        WHEN n %% 9 = 7 THEN 'ignored' ELSE 'processed' END,"
            "   now(), now(), CASE WHEN n %% 900 <> 7 THEN now() END, repeat('0', 32),"
            "   " ID("pay", "n / 4")
            " FROM generate_series(1, %d) AS n", count);
    sql_run("INSERT INTO payapi.audit_log (order_id, payment_id, seq, at_us, actor, action, body,"
            "   trace_id)"
            " SELECT 'order-' || n / 4, " ID("pay", "n / 4") ", n, n * 60000000::bigint,"
            "   CASE WHEN n %% 300 = 7 THEN 'admin:ann' ELSE 'user:' || n %% 90 END,"
            "   CASE WHEN n %% 450 = 7 THEN 'reviewed' ELSE 'status' END, '{}', 't'"
            " FROM generate_series(1, %d) AS n", count);
    sql_run("SET session_replication_role = origin");
    sql_run("VACUUM ANALYZE payapi.orders, payapi.payments, payapi.transactions, payapi.webhook_events,"
            " payapi.audit_log");
}

static void given_no_rows(void)
{
    sql_run("SET session_replication_role = replica; SET client_min_messages = warning");
    sql_run("TRUNCATE payapi.orders, payapi.payments, payapi.transactions, payapi.webhook_events,"
            " payapi.audit_log CASCADE");
    sql_run("SET session_replication_role = origin");
}

/* --- Every combination, asked for through the listing ------------------------------------------ */

/* The arguments' values; the n of all is 7, so that each combination finds a row. */
static const struct { const char *column, *value; } arguments[] = {
    { "p.status", "pending" }, { "t.payment_id", "pay_00000000030000000000000000" },
    { "t.order_id", "order-3" }, { "t.kind", "dispute" }, { "t.currency", "EUR" },
    { "t.recorded_at", "420000" }, { "w.payment_id", "pay_00000000010000000000000000" },
    { "w.type", "paid" }, { "a.payment_id", "pay_00000000010000000000000000" },
    { "a.order_id", "order-1" }, { "a.actor", "admin:ann" }, { "a.action", "reviewed" },
};

static const char *argument_of(const struct listing_filter *filter)
{
    for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
        if (strcmp(arguments[i].column, filter->column) == 0)
            return arguments[i].value;
    fail_msg("no value for %s", filter->column);
    return NULL;
}

/* The word after this one; the first after none, none after the last. */
static const char *word_after(const char *const *words, const char *value)
{
    while (value != NULL && *words++ != value)
        continue;
    return *words;
}

/*
 * The next choice: not wanted, each of its words or common values, an argument, and from the start
 * again.
 */
static bool choose_next(const struct listing_filter *filter, const char **value)
{
    static const char *const none[] = { NULL };
    const char *const *words = filter->words != NULL ? filter->words
                             : filter->common != NULL ? filter->common : none;

    if (filter->words == NULL && *value == argument_of(filter))
        *value = NULL;
    else if ((*value = word_after(words, *value)) == NULL && filter->words == NULL)
        *value = argument_of(filter);
    return *value != NULL;
}

static bool next_combination(const struct listing *listing, const char **values)
{
    for (int i = 0; i < listing->filter_count; i++)
        if (choose_next(&listing->filters[i], &values[i]))
            return true;
    return false;
}

static void ask(struct ctx *ctx, struct listing *listing, const char *const *values)
{
    struct listing_span span = listing_span_of_ids(ctx, "txn", 0, 0, NULL);
    struct pg_args args = { 0 };
    struct pg_rows rows;

    if (listing->keys[1] != NULL)
        span = (struct listing_span) { .from = "0", .below = { "9223372036854775807", "0" } };
    if (listing->limit_arguments > 0)
        pg_i64(&args, 21);
    if (listing->limit_arguments > 1)
        pg_i64(&args, 0);
    listing_queue(ctx, listing, &span, values, &args, &rows);
    assert_ok(pg_wait(ctx));
}

static int ask_for_all(struct ctx *ctx, struct listing *listing)
{
    const char *values[LISTING_FILTERS_MAX] = { NULL };
    int count = 0;

    do {
        ask(ctx, listing, values);
        count++;
    } while (next_combination(listing, values));
    return count;
}

/* --- How many there are -------------------------------------------------------------------------- */

#define PROVIDER_CHOICES (1 + PROVIDERS_MAX)

/* Three of movements (page, numbered page, count), and those of payments, events and audit. */
static void the_statements_are_bounded(void **state)
{
    int total = 0;
    (void) state;

    for (struct listing *const *each = listings; *each != NULL; each++)
        total += listing_combinations(*each);
    assert_int_equal(total, PROVIDER_CHOICES * (3 * 96 + 9 + 20) + 40);
}

/* --- How they are planned ------------------------------------------------------------------------- */

/* Of the worker's own connection, as an assertion of the server. */
static void assert_in_the_server(struct ctx *ctx, const char *block)
{
    static const struct pg_statement assertion = { .name = "assertion" };

    assert_true(PQsendQueryParams(ctx->store->connection, block, 0, NULL, NULL, NULL, NULL, 0));
    pg_expect(ctx->store, &assertion, PG_SHAPE_ANY, NULL);
    assert_ok(pg_wait(ctx));
}

static void given_every_list(struct ctx *ctx, int rounds)
{
    for (int i = 0; i < rounds; i++)
        for (struct listing *const *each = listings; *each != NULL; each++)
            assert_int_equal(ask_for_all(ctx, *each), listing_combinations(*each));
}

/* PostgreSQL left to itself would choose between the two kinds of plan after five calls. */
static void every_combination_is_planned_once(void **state)
{
    given_every_list(*state, 7);
    assert_in_the_server(*state,
        "DO $$"
        " DECLARE"
        "   planned text;"
        " BEGIN"
        "   SELECT string_agg(name || ' ' || generic_plans || '/' || custom_plans, ', ') INTO planned"
        "   FROM pg_prepared_statements"
        "   WHERE name ~ '^(transactions|payments|audit|webhook_events)(_page|_count)?_[0-9]+$'"
        "     AND CASE WHEN statement ~ 't.recorded_at [<>]' THEN generic_plans > 0 OR custom_plans <> 7"
        "              ELSE generic_plans <> 7 OR custom_plans > 0 END;"
        "   ASSERT planned IS NULL, planned;"
        " END $$");
}

/*
 * No list reads a whole table, or sorts more rows than a page or two have. One whose filter has an
 * index walks that index (or has the few rows of an order, a payment or Paystack), so other rows are
 * never read, however many they are.
 */
static void assert_walks_an_index(struct ctx *ctx)
{
    assert_in_the_server(ctx,
        "DO $$"
        " DECLARE"
        "   prepared record;"
        "   line text;"
        "   plan text;"
        "   wrong text := '';"
        " BEGIN"
        "   FOR prepared IN"
        "       SELECT name, (SELECT string_agg('NULL', ',') FROM unnest(parameter_types)) AS arguments,"
        "           (SELECT string_agg(index, '|') FROM (VALUES"
        "               ('t.payment_id', 'transactions_by_payment'), ('t.order_id', 'transactions_by_order'),"
        "               ('t.kind', 'transactions_by_kind'), ('t.currency', 'transactions_by_currency'),"
        "               ('p.status', 'payments_by_status'), ('a.order_id', 'audit_log_by_order'),"
        "               ('a.actor', 'audit_log_by_actor'), ('a.action', 'audit_log_by_action'))"
        "               AS indexed (filter, index)"
        "            WHERE strpos(regexp_replace(regexp_replace(statement, '^.*WHERE', ''),"
        "                                        '(t.kind|p.status|a.action) = ''[a-z.]+''', ''),"
        "                         filter) > 0) AS indexes"
        "       FROM pg_prepared_statements"
        "       WHERE name ~ current_setting('payapi.lists')"
        "         AND statement !~ 't.recorded_at [<>]'"
        "   LOOP"
        "       plan := '';"
        "       FOR line IN"
        "           EXECUTE format('EXPLAIN EXECUTE %I (%s)', prepared.name, prepared.arguments)"
        "       LOOP"
        "           plan := plan || line || E'\\n';"
        "           IF line ~ 'JIT|Seq Scan|Merge|Hash'"
        "              OR line ~ 'Sort  ' AND substring(line FROM 'rows=([0-9]+)')::integer > 200 THEN"
        "               wrong := wrong || prepared.name || ': ' || line || E'\\n';"
        "           END IF;"
        "       END LOOP;"
        "       IF plan !~ coalesce(prepared.indexes, '')"
        "          AND plan !~ 'Index Cond: [^\\n]*(order_id = |payment_id = |paystack)' THEN"
        "           wrong := wrong || prepared.name || ' ' || prepared.indexes || E':\\n' || plan;"
        "       END IF;"
        "   END LOOP;"
        "   ASSERT FOUND AND wrong = '', wrong;"
        " END $$");
}

/* Dear pages make the planner think of sorting, as a table does that is a hundred times as large. */
static void every_combination_walks_an_index(void **state)
{
    assert_in_the_server(*state, "SET random_page_cost = 40");
    given_every_list(*state, 1);
    assert_in_the_server(*state,
                         "SET payapi.lists = '^(transactions|payments|audit|webhook_events)_[0-9]+$'");
    assert_walks_an_index(*state);
}

/* What a numbered page costs grows with its number anyway, and the planner does not know that. */
static void every_combination_of_a_numbered_page_walks_an_index(void **state)
{
    given_every_list(*state, 1);
    assert_in_the_server(*state, "SET payapi.lists = '^transactions_page_[0-9]+$'");
    assert_walks_an_index(*state);
}

/* The planner knows of the few that wait, and how many rows a span of recordings has. */
static void few_rows_are_found_by_an_index_of_their_own(void **state)
{
    given_every_list(*state, 1);
    assert_in_the_server(*state,
        "DO $$"
        " DECLARE"
        "   list record;"
        "   line text;"
        "   plan text;"
        "   number integer := 0;"
        " BEGIN"
        "   FOR list IN"
        "       SELECT name, rest, index, mode FROM (VALUES"
        "           ('>= ($3) AND p.needs_review = ''true'' ORDER', '21, ''pay_8'', ''''',"
        "            'payments_under_review', 'generic'),"
        "           ('>= ($3) AND w.status = ''received'' ORDER', '21, ''whe_8'', ''''',"
        "            'webhook_events_due', 'generic'),"
        "           ('>= ($3) AND w.status = ''dead'' ORDER', '21, ''whe_8'', ''''',"
        "            'webhook_events_dead', 'generic'),"
        "           ('>= ($3) AND t.recorded_at >= at_ms($4) AND t.recorded_at < at_ms($5) ORDER',"
        "            '21, ''txn_8'', '''', 600000, 900000', 'transactions_by_recording', 'custom'),"
        "           ('>= ($3) AND t.recorded_at >= at_ms($4) AND t.recorded_at < at_ms($5) ORDER',"
        "            '21, ''txn_8'', '''', 600000, 6000000000', 'transactions_pkey', 'custom'))"
        "           AS wanted (part, rest, index, mode)"
        "           JOIN pg_prepared_statements ON strpos(statement, part) > 0"
        "   LOOP"
        "       plan := '';"
        "       number := number + 1;"
        "       PERFORM set_config('plan_cache_mode', 'force_' || list.mode || '_plan', true);"
        "       FOR line IN EXECUTE format('EXPLAIN EXECUTE %I (%s)', list.name, list.rest) LOOP"
        "           plan := plan || line || E'\\n';"
        "       END LOOP;"
        "       ASSERT strpos(plan, list.index) > 0, plan;"
        "   END LOOP;"
        "   ASSERT number = 5, number;"
        " END $$");
}

/* --- Prepared when first used -------------------------------------------------------------------- */

static void a_list_that_could_not_be_prepared_is_prepared_later(void **state)
{
    struct ctx *ctx = *state;
    struct payment_page page;
    const struct payment_query query = { .limit = 20 };

    sql_run("ALTER TABLE payapi.payments RENAME TO away");
    assert_non_null(store_payments_list(ctx, &query, &page));
    sql_run("ALTER TABLE payapi.away RENAME TO payments");
    assert_ok(store_ready(ctx));
    assert_ok(store_payments_list(ctx, &query, &page));
    assert_ok(store_payments_list(ctx, &query, &page));
}

/* Whoever asks for all combinations must not fill a server process's memory with plans. */
static void a_connection_with_very_many_lists_is_replaced(void **state)
{
    struct ctx *ctx = *state;
    const int few = listing_combinations(&payment_listing);
    int fresh;

    given_every_list(ctx, 1);
    assert_true(ctx->store->prepared.count >= PG_PREPARED_KEPT);
    assert_ok(store_ready(ctx));
    fresh = ctx->store->prepared.count;
    assert_int_equal(ask_for_all(ctx, &payment_listing), few);
    assert_int_equal(ctx->store->prepared.count, fresh + few);
    assert_ok(store_ready(ctx));
    assert_int_equal(ctx->store->prepared.count, fresh + few);
}

/* --- What they find ------------------------------------------------------------------------------ */

#define FEW 2000

/* One filter, or the place, of a query; and the same as a condition. */
struct choice {
    size_t      member;                 /* its offset in the query */
    const char *text;                   /* or NULL: */
    int64_t     number;
    enum wanted wanted;                 /* or, when number is 0 too */
    const char *condition;
};

static void choose(void *query, const struct choice *choice)
{
    char *member = (char *) query + choice->member;

    if (choice->text != NULL)
        memcpy(member, &choice->text, sizeof(choice->text));
    else if (choice->number != 0)
        memcpy(member, &choice->number, sizeof(choice->number));
    else
        memcpy(member, &choice->wanted, sizeof(choice->wanted));
}

/* The ids that a list gives, as rows of the table do that fulfil the conditions. */
static void assert_rows(const char *found, const char *table, const char *id, const char *order,
                        const char *conditions)
{
    const char *expected = sql_text("SELECT coalesce(string_agg(id, ' ' ORDER BY place), '')"
                                    " FROM (SELECT %s::text AS id, row_number() OVER (ORDER BY %s) AS place"
                                    "       FROM payapi.%s WHERE true%s ORDER BY place LIMIT 20) AS page",
                                    id, order, table, conditions);

    if (strcmp(expected, found) != 0)
        fail_msg("%s where true%s:\n%s\n%s", table, conditions, expected, found);
}

/* The choices whose bits are set; their conditions in the arena. */
static const char *choose_all(struct ctx *ctx, const struct choice *choices, unsigned bits, void *query)
{
    const char *conditions = "";

    for (int i = 0; bits >> i != 0; i++) {
        if ((bits >> i & 1) == 0)
            continue;
        choose(query, &choices[i]);
        conditions = arena_printf(ctx->arena, "%s AND %s", conditions, choices[i].condition);
    }
    return conditions;
}

#define COUNT(array) ((int) (sizeof(array) / sizeof((array)[0])))
#define MOVEMENT(name) offsetof(struct transaction_query, name)

static const struct choice movement_choices[] = {
    { MOVEMENT(filter.payment_id), .text = "pay_00000000030000000000000000",
      .condition = "payment_id = 'pay_00000000030000000000000000'" },
    { MOVEMENT(filter.order_id), .text = "order-453", .condition = "order_id = 'order-453'" },
    { MOVEMENT(filter.kind), .text = "refund", .condition = "kind = 'refund'" },
    { MOVEMENT(filter.currency), .text = "EUR", .condition = "currency = 'EUR'" },
    { MOVEMENT(filter.provider), .text = "paystack", .condition = "provider = 'paystack'" },
    { MOVEMENT(filter.recorded_from_ms), .number = 600000, .condition = "recorded_at >= to_timestamp(600)" },
    { MOVEMENT(filter.recorded_to_ms), .number = 108420000, .condition = "recorded_at < to_timestamp(108420)" },
    { MOVEMENT(filter.from_ms), .number = 1024, .condition = "transaction_id >= 'txn_0000000100'" },
    { MOVEMENT(filter.to_ms), .number = 37888, .condition = "transaction_id < 'txn_0000001500'" },
    { MOVEMENT(after_id), .text = "txn_00000014570000000000000000",
      .condition = "transaction_id < 'txn_00000014570000000000000000'" },
};

static const char *ids_of_movements(struct ctx *ctx, const struct transaction_page *page)
{
    const char *ids = "";

    for (int i = 0; i < page->count; i++)
        ids = arena_printf(ctx->arena, "%s%s%s", ids, i > 0 ? " " : "", page->transactions[i].id);
    return ids;
}

static void assert_movements(struct ctx *ctx, unsigned bits)
{
    struct transaction_query query = { .limit = 20 };
    const char *conditions = choose_all(ctx, movement_choices, bits, &query);
    struct transaction_page page;

    assert_ok(store_movements_list(ctx, &query, &page));
    assert_rows(ids_of_movements(ctx, &page), "transactions", "transaction_id", "transaction_id DESC",
                conditions);
    if (query.after_id != NULL)
        return;
    query.page = 1;
    assert_ok(store_movements_list(ctx, &query, &page));
    assert_rows(ids_of_movements(ctx, &page), "transactions", "transaction_id", "transaction_id DESC",
                conditions);
    assert_int_equal(page.total, sql_number("SELECT count(*) FROM payapi.transactions WHERE true%s", conditions));
}

static void every_combination_of_movements_finds_its_rows(void **state)
{
    for (unsigned bits = 0; bits < 1U << COUNT(movement_choices); bits++)
        assert_movements(*state, bits);
}

#define PAYMENT(name) offsetof(struct payment_query, name)

static const struct choice payment_choices[] = {
    { PAYMENT(needs_review), .wanted = WANTED_YES, .condition = "needs_review" },
    { PAYMENT(status), .text = "pending", .condition = "status = 'pending'" },
    { PAYMENT(provider), .text = "paystack", .condition = "provider = 'paystack'" },
    { PAYMENT(after_id), .text = "pay_00000014570000000000000000",
      .condition = "payment_id < 'pay_00000014570000000000000000'" },
    { PAYMENT(needs_review), .wanted = WANTED_NO, .condition = "NOT needs_review" },     /* in place of the first */
};

static void assert_payments(struct ctx *ctx, unsigned bits)
{
    struct payment_query query = { .limit = 20 };
    const char *conditions = choose_all(ctx, payment_choices, bits, &query), *ids = "";
    struct payment_page page;

    assert_ok(store_payments_list(ctx, &query, &page));
    for (int i = 0; i < page.count; i++)
        ids = arena_printf(ctx->arena, "%s%s%s", ids, i > 0 ? " " : "", page.payments[i].id.text);
    assert_rows(ids, "payments", "payment_id", "payment_id DESC", conditions);
}

static void every_combination_of_payments_finds_its_rows(void **state)
{
    for (unsigned bits = 0; bits < 1U << COUNT(payment_choices); bits++)
        if ((bits & 17) != 17)
            assert_payments(*state, bits);
}

#define EVENT(name) offsetof(struct webhook_event_query, name)

static const struct choice event_choices[] = {
    { EVENT(payment_id), .text = "pay_00000000010000000000000000",
      .condition = "payment_id = 'pay_00000000010000000000000000'" },
    { EVENT(provider), .text = "paystack", .condition = "provider = 'paystack'" },
    { EVENT(type), .text = "paid", .condition = "type = 'paid'" },
    { EVENT(from_ms), .number = 1024, .condition = "inbox_id >= 'whe_0000000100'" },
    { EVENT(to_ms), .number = 37888, .condition = "inbox_id < 'whe_0000001500'" },
    { EVENT(after_id), .text = "whe_00000014570000000000000000",
      .condition = "inbox_id < 'whe_00000014570000000000000000'" },
};

static void assert_events(struct ctx *ctx, const char *status, unsigned bits)
{
    struct webhook_event_query query = { .limit = 20, .status = status };
    const char *conditions = choose_all(ctx, event_choices, bits, &query), *ids = "";
    struct webhook_event_page page;

    if (status != NULL)
        conditions = arena_printf(ctx->arena, "%s AND status = '%s'", conditions, status);
    assert_ok(store_inbox_events_list(ctx, &query, &page));
    for (int i = 0; i < page.count; i++)
        ids = arena_printf(ctx->arena, "%s%s%s", ids, i > 0 ? " " : "", page.events[i].inbox_id);
    assert_rows(ids, "webhook_events", "inbox_id", "inbox_id DESC", conditions);
}

static void every_combination_of_events_finds_its_rows(void **state)
{
    static const char *const statuses[] = { NULL, "received", "processed", "ignored", "dead" };

    for (int i = 0; i < COUNT(statuses); i++)
        for (unsigned bits = 0; bits < 1U << COUNT(event_choices); bits++)
            assert_events(*state, statuses[i], bits);
}

#define AUDIT(name) offsetof(struct audit_query, name)

static const struct choice audit_choices[] = {
    { AUDIT(payment_id), .text = "pay_00000000010000000000000000",
      .condition = "payment_id = 'pay_00000000010000000000000000'" },
    { AUDIT(order_id), .text = "order-226", .condition = "order_id = 'order-226'" },
    { AUDIT(actor), .text = "admin:ann", .condition = "actor = 'admin:ann'" },
    { AUDIT(action), .text = "reviewed", .condition = "action = 'reviewed'" },
    { AUDIT(from_ms), .number = 6000000, .condition = "at_us >= 6000000000" },
    { AUDIT(to_ms), .number = 90000000, .condition = "at_us < 90000000000" },
    { AUDIT(after_at_us), .number = 87420000000, .condition = "at_us < 87420000000" },
};

static void assert_audit(struct ctx *ctx, unsigned bits)
{
    struct audit_query query = { .limit = 20 };
    const char *conditions = choose_all(ctx, audit_choices, bits, &query), *ids = "";
    struct audit_page page;

    assert_ok(store_audit_list(ctx, &query, &page));
    for (int i = 0; i < page.count; i++)
        ids = arena_printf(ctx->arena, "%s%s%lld", ids, i > 0 ? " " : "", (long long) page.entries[i].id);
    assert_rows(ids, "audit_log", "audit_id", "at_us DESC, audit_id DESC", conditions);
}

static void every_combination_of_the_audit_finds_its_rows(void **state)
{
    for (unsigned bits = 0; bits < 1U << COUNT(audit_choices); bits++)
        assert_audit(*state, bits);
}

static int given_few_rows(void **state)
{
    given_rows(FEW);
    return given_one_worker(state);
}

static int given_many_rows(void **state)
{
    given_rows(ROWS);
    return given_one_worker(state);
}

static int dismiss_rows(void **state)
{
    given_no_rows();
    return dismiss_one_worker(state);
}

#define FEW_ROWS(name) cmocka_unit_test_setup_teardown(name, given_few_rows, dismiss_rows)
#define MANY_ROWS(name) cmocka_unit_test_setup_teardown(name, given_many_rows, dismiss_rows)
#define TEST(name) cmocka_unit_test_setup_teardown(name, given_one_worker, dismiss_one_worker)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(the_statements_are_bounded),
        FEW_ROWS(every_combination_of_movements_finds_its_rows),
        FEW_ROWS(every_combination_of_payments_finds_its_rows),
        FEW_ROWS(every_combination_of_events_finds_its_rows),
        FEW_ROWS(every_combination_of_the_audit_finds_its_rows),
        TEST(every_combination_is_planned_once),
        TEST(a_list_that_could_not_be_prepared_is_prepared_later),
        TEST(a_connection_with_very_many_lists_is_replaced),
        MANY_ROWS(every_combination_walks_an_index),
        MANY_ROWS(every_combination_of_a_numbered_page_walks_an_index),
        MANY_ROWS(few_rows_are_found_by_an_index_of_their_own),
    };

    (void) argc;
    world_need_server(argv);
    return cmocka_run_group_tests_name("store lists", tests, NULL, NULL);
}
