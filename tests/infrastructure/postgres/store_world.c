#include "store_world.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "infrastructure/clock.h"

static const struct settings settings = { .idempotency_ttl_h = 72 };
static PGconn *admin;

void world_need_server(char **argv)
{
    char *command[] = { "pg_cluster.sh", "run", argv[0], NULL };

    if (getenv("PAYAPI_TEST_DATABASE_URL") == NULL) {
        if (access(TEST_TEMPLATE, R_OK) == 0)
            setenv("PAYAPI_TEST_TEMPLATE", TEST_TEMPLATE, 0);
        execv(TEST_SUPPORT "/pg_cluster.sh", command);
        perror(TEST_SUPPORT "/pg_cluster.sh");
        exit(1);
    }
    admin = PQconnectdb(getenv("PAYAPI_TEST_ADMIN_URL"));
    if (PQstatus(admin) != CONNECTION_OK) {
        fprintf(stderr, "%s", PQerrorMessage(admin));
        exit(1);
    }
}

/* --- Workers ------------------------------------------------------------------------------- */

struct ctx *given_a_worker_at(const char *url)
{
    static const struct provider stripe = { .name = "stripe" }, paystack = { .name = "paystack" };
    static const struct provider *const providers[] = { &stripe, &paystack, NULL };
    struct store_settings where = {
        .url = url != NULL ? url : getenv("PAYAPI_TEST_DATABASE_URL"),
        .application_name = "payapi-test",
    };
    struct ctx *worker = malloc(sizeof(*worker));

    assert_non_null(worker);
    *worker = (struct ctx) {
        .arena = arena_new(),
        .store = store_new(&where),
        .providers = providers,
        .settings = &settings,
        .now_ms = clock_now_ms(),
        .trace_id = "0123456789abcdef0123456789abcdef",
        .method = "POST",
        .path = "/",
        .actor = { ROLE_USER, "alice", ACTOR_CALLER },
    };
    store_plan_once(worker->store);
    return worker;
}

struct ctx *given_a_worker(void)
{
    struct ctx *worker = given_a_worker_at(NULL);

    assert_ok(store_ready(worker));
    return worker;
}

void dismiss(struct ctx *worker)
{
    store_free(worker->store);
    arena_free(worker->arena);
    free(worker);
}

int given_one_worker(void **state)
{
    *state = given_a_worker();
    return 0;
}

int dismiss_one_worker(void **state)
{
    dismiss(*state);
    return 0;
}

/* --- Rows ---------------------------------------------------------------------------------- */

struct order some_order(struct ctx *ctx, const char *owner)
{
    struct order order = {
        .amount = { 9999, "USD" },
        .description = "Two pairs of socks",
        .customer_email = "alice@example.com",
        .metadata_json = "{\"cart\":\"17\",\"a\":\"b\"}",
        .created_at_ms = ctx->now_ms,
        .updated_at_ms = ctx->now_ms,
    };

    ctx_new_id(ctx, "ord", order.id.text);
    snprintf(order.owner_id, sizeof(order.owner_id), "%s", owner);
    return order;
}

struct payment some_payment(struct ctx *ctx, const struct order *order)
{
    struct payment payment = {
        .order_id = order->id,
        .amount = order->amount,
        .provider = "stripe",
        .expires_at_ms = ctx->now_ms + 3600000,
        .created_at_ms = ctx->now_ms,
        .updated_at_ms = ctx->now_ms,
    };

    ctx_new_id(ctx, "pay", payment.id.text);
    snprintf(payment.owner_id, sizeof(payment.owner_id), "%s", order->owner_id);
    return payment;
}

struct provider_call some_call(struct ctx *ctx, const struct payment *payment)
{
    struct provider_call call = {
        .payment_id = payment->id,
        .provider = "stripe",
        .request = {
            .operation = OP_CHECKOUT,
            .method = "POST",
            .path = "/v1/checkout/sessions",
            .body = bytes_of("mode=payment&line_items[0][quantity]=1"),
            .idempotency_key = arena_printf(ctx->arena, "checkout-%s", payment->id.text),
        },
        .attempts = 1,
        .started_at_ms = ctx->now_ms,
    };

    ctx_new_id(ctx, "pca", call.id.text);
    return call;
}

struct idempotency_key some_key(struct ctx *ctx)
{
    char key[ID_TEXT_MAX];
    char holder[ID_TEXT_MAX];

    ctx_new_id(ctx, "key", key);
    ctx_new_id(ctx, "hld", holder);
    return (struct idempotency_key) {
        .principal = "alice",
        .route = "POST /api/v1/orders/:id/checkout",
        .key = arena_strdup(ctx->arena, key),
        .fingerprint = FINGERPRINT_A,
        .holder = arena_strdup(ctx->arena, holder),
    };
}

struct order given_an_order(struct ctx *ctx)
{
    struct order order = some_order(ctx, "alice");

    store_begin(ctx);
    store_order_insert(ctx, &order);
    assert_ok(store_commit(ctx));
    return order;
}

struct payment given_a_payment(struct ctx *ctx, const struct order *order)
{
    struct payment payment = some_payment(ctx, order);

    store_begin(ctx);
    store_payment_insert(ctx, &payment);
    assert_ok(store_commit(ctx));
    return payment;
}

struct provider_call given_a_call(struct ctx *ctx, const struct payment *payment)
{
    struct provider_call call = some_call(ctx, payment);

    store_begin(ctx);
    store_call_insert(ctx, &call, call.attempts > 0);
    assert_ok(store_commit(ctx));
    return call;
}

void given_facts(struct ctx *ctx, struct payment *payment, struct payment_facts facts)
{
    payment->facts = facts;
    payment->status = payment_derive(&facts, payment->amount.minor);
    if (facts.captured_minor > 0)
        payment->completed_at_ms = ctx->now_ms;
    store_begin(ctx);
    store_payment_update(ctx, payment);
    assert_ok(store_commit(ctx));
}

void given_captured(struct ctx *ctx, struct payment *payment)
{
    struct payment_facts facts = payment->facts;

    facts.captured_minor = payment->amount.minor;
    given_facts(ctx, payment, facts);
}

/* --- What is there ------------------------------------------------------------------------- */

static char answer[65536];

/* Once more when a test has restarted the server. */
static PGresult *execute(const char *sql)
{
    PGresult *result = PQexec(admin, sql);

    if (PQstatus(admin) == CONNECTION_OK)
        return result;
    PQclear(result);
    PQreset(admin);
    return PQexec(admin, sql);
}

static const char *ask(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
static const char *ask(const char *format, va_list args)
{
    char sql[4096];
    PGresult *result;

    vsnprintf(sql, sizeof(sql), format, args);
    result = execute(sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(admin));
    snprintf(answer, sizeof(answer), "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return answer;
}

void sql_run(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    ask(format, args);
    va_end(args);
}

const char *sql_text(const char *format, ...)
{
    const char *text;
    va_list args;

    va_start(args, format);
    text = ask(format, args);
    va_end(args);
    return text;
}

int64_t sql_number(const char *format, ...)
{
    int64_t number;
    va_list args;

    va_start(args, format);
    number = strtoll(ask(format, args), NULL, 10);
    va_end(args);
    return number;
}

void assert_ok(const struct problem *problem)
{
    if (problem != OK)
        fail_msg("%s: %s (%s)", problem_kind(problem->type)->slug, problem->detail,
                 problem->cause != NULL ? problem->cause : "");
}

void assert_problem(const struct problem *problem, enum problem_type type, bool repeatable)
{
    assert_non_null(problem);
    assert_non_null(problem->cause);
    if (problem->type != type || problem->repeatable != repeatable)
        fail_msg("%s, repeatable %d (%s)", problem_kind(problem->type)->slug, problem->repeatable,
                 problem->cause);
}

void assert_same_payment(const struct payment *a, const struct payment *b)
{
    assert_string_equal(a->id.text, b->id.text);
    assert_string_equal(a->order_id.text, b->order_id.text);
    assert_string_equal(a->owner_id, b->owner_id);
    assert_true(money_equal(a->amount, b->amount));
    assert_string_equal(a->provider, b->provider);
    assert_string_equal(a->provider_ref, b->provider_ref);
    assert_string_equal(a->provider_intent, b->provider_intent);
    assert_string_equal(a->checkout_url, b->checkout_url);
    assert_true(payment_facts_equal(&a->facts, &b->facts));
    assert_int_equal(a->facts.refunded_minor, b->facts.refunded_minor);
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->dispute, b->dispute);
    assert_int_equal(a->disputed_minor, b->disputed_minor);
    assert_int_equal(a->surplus, b->surplus);
    assert_int_equal(a->needs_review, b->needs_review);
    assert_string_equal(a->review_reason, b->review_reason);
    assert_int_equal(a->expires_at_ms, b->expires_at_ms);
    assert_int_equal(a->created_at_ms, b->created_at_ms);
    assert_int_equal(a->updated_at_ms, b->updated_at_ms);
    assert_int_equal(a->completed_at_ms, b->completed_at_ms);
}

void assert_locked(const struct payment *payment)
{
    assert_int_equal(sql_number("SELECT count(*) FROM (SELECT FROM payapi.orders WHERE order_id = '%s'"
                                " FOR NO KEY UPDATE SKIP LOCKED) AS free", payment->order_id.text), 0);
    assert_int_equal(sql_number("SELECT count(*) FROM (SELECT FROM payapi.payments"
                                " WHERE payment_id = '%s' FOR NO KEY UPDATE SKIP LOCKED) AS free",
                                payment->id.text), 0);
}

/* --- The server, and rivals ----------------------------------------------------------------- */

void server_control(const char *arguments)
{
    char command[512];

    snprintf(command, sizeof(command), "%s/pg_cluster.sh ctl %s", TEST_SUPPORT, arguments);
    assert_int_equal(system(command), 0);
}

struct rival {
    struct ctx *worker;
    int         number;
    void      (*body)(struct ctx *worker, int number);
};

static void *compete(void *argument)
{
    struct rival *rival = argument;

    rival->body(rival->worker, rival->number);
    return NULL;
}

/* The bodies only record what they saw: cmocka's assertions belong to the main thread. */
void at_once(int count, void (*body)(struct ctx *worker, int number))
{
    pthread_t threads[100];
    struct rival rivals[100];

    assert_true(count <= 100);
    for (int i = 0; i < count; i++)
        rivals[i] = (struct rival) { given_a_worker(), i, body };
    for (int i = 0; i < count; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, compete, &rivals[i]), 0);
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        dismiss(rivals[i].worker);
    }
}

void sleep_ms(int ms)
{
    struct timespec pause = { ms / 1000, (long) (ms % 1000) * 1000000 };

    nanosleep(&pause, NULL);
}
