/* A world for the tests of the use cases: fakes, requests, orders, payments, events. */
#include "given.h"

#include <stdio.h>
#include <string.h>

struct store *the_store;
struct arena *the_arena;
struct rejections the_rejections;
static _Atomic int64_t ready_at_ms;

static int64_t now_ms;

int set_up_world(void **state)
{
    tear_down_world(state);             /* a loop inside a test starts afresh */
    the_store = fake_store_new();
    the_arena = arena_new();
    fake_provider_reset();
    fake_crash_disarm();
    memset(&the_rejections, 0, sizeof(the_rejections));
    ready_at_ms = 0;
    now_ms = NOW_MS;
    fake_store_set_now(the_store, now_ms);
    return 0;
}

int tear_down_world(void **state)
{
    (void) state;
    fake_store_free(the_store);
    arena_free(the_arena);
    the_store = NULL;
    the_arena = NULL;
    return 0;
}

static struct ctx *given_a_request(enum role role, const char *user)
{
    static const struct settings settings = {
        .default_provider = "stripe",
        .problem_base_url = "https://api.example.com/errors/",
        .public_base_url = "https://shop.example",
        .checkout_ttl_s = CHECKOUT_TTL_S,
        .idempotency_ttl_h = 72,
        .recovery_first_delay_ms = 5000,
        .events_pull_interval_s = 300,
        .webhook_body_retention_days = 90,
        .rate_limits = true,
        .ready_at_ms = &ready_at_ms,
    };
    static const struct provider *const providers[] = { &fake_stripe, &fake_paystack, NULL };
    struct ctx *ctx = arena_alloc(the_arena, sizeof(*ctx));

    *ctx = (struct ctx) {
        .arena = the_arena, .store = the_store, .providers = providers, .settings = &settings,
        .rejections = &the_rejections, .now_ms = now_ms, .trace_id = "0123456789abcdef0123456789abcdef", .method = "POST",
        .path = "/api/v1/orders", .actor = { role, user, ACTOR_CALLER },
    };
    return ctx;
}

struct ctx *given_a_request_of(const char *user)
{
    return given_a_request(ROLE_USER, user);
}

struct ctx *given_a_request_of_an_admin(void)
{
    return given_a_request(ROLE_ADMIN, "root");
}

void given_time_passes(int64_t seconds)
{
    now_ms += seconds * 1000;
    fake_store_set_now(the_store, now_ms);
}

void given_an_order(const char *id, const char *owner, struct money amount)
{
    struct create_order command = { .order = { .amount = amount } };
    struct answer answer;

    assert_true(order_id_parse(id, &command.order.id));
    assert_null(create_order(given_a_request_of(owner), &command, &answer));
    assert_int_equal(answer.http_status, 201);
}

const struct idempotency_key *a_key(const char *key)
{
    static int requests;
    struct idempotency_key *made = arena_alloc(the_arena, sizeof(*made));

    *made = (struct idempotency_key) {
        .principal = "alice", .route = "POST /api/v1/orders/:id/checkout", .key = key,
        .fingerprint = "f1", .holder = arena_printf(the_arena, "holder-%d", ++requests),
    };
    return made;
}

struct order *the_order(const char *id)
{
    struct fake_tables *rows = fake_store_tables(the_store);

    for (int i = 0; i < rows->order_count; i++)
        if (strcmp(rows->orders[i].id.text, id) == 0)
            return &rows->orders[i];
    return NULL;
}

struct payment *last_payment(void)
{
    struct fake_tables *rows = fake_store_tables(the_store);

    assert_true(rows->payment_count > 0);
    return &rows->payments[rows->payment_count - 1];
}

int payment_count(void)
{
    return fake_store_tables(the_store)->payment_count;
}

const struct problem *check_out(struct ctx *ctx, const char *order_id,
                                const struct idempotency_key *key, struct answer *answer_out)
{
    struct checkout_order command = {
        .currency = "", .provider = "", .return_url = "", .cancel_url = "", .customer_email = "",
        .key = key,
    };

    assert_true(order_id_parse(order_id, &command.order_id));
    return checkout_order(ctx, &command, answer_out);
}

struct answer checkout_answer(const char *user, const char *order_id,
                              const struct idempotency_key *key)
{
    struct answer answer;

    assert_null(check_out(given_a_request_of(user), order_id, key, &answer));
    return answer;
}

struct provider_event event_of(const char *event_id, const struct payment *payment)
{
    struct provider_event event = { .kind = PROVIDER_EVENT_PAYMENT, .created_s = now_ms / 1000 };

    snprintf(event.id, sizeof(event.id), "%s", event_id);
    snprintf(event.type, sizeof(event.type), "payment.told");
    event.payment.payment_id = payment->id;
    authorship_prove(NULL, payment, event.payment.proof);
    snprintf(event.payment.intent, sizeof(event.payment.intent), "pi_of_%s", payment->id.text);
    return event;
}

struct provider_event captured_event(const char *event_id, const struct payment *payment)
{
    struct provider_event event = event_of(event_id, payment);

    event.payment.facts.captured_minor = payment->amount.minor;
    event.payment.amount_minor = payment->amount.minor;
    memcpy(event.payment.currency, payment->amount.currency, sizeof(event.payment.currency));
    return event;
}

struct provider_event closed_event(const char *event_id, const struct payment *payment,
                                   enum payment_close why)
{
    struct provider_event event = event_of(event_id, payment);

    event.payment.facts.closed = why;
    return event;
}

struct provider_event progress_event(const char *event_id, const struct payment *payment,
                                     enum payment_progress progress, int64_t at_s)
{
    struct provider_event event = event_of(event_id, payment);

    event.payment.facts.snapshot.progress = progress;
    event.payment.facts.snapshot.at_s = at_s;
    if (progress == PROGRESS_FAILED)
        snprintf(event.payment.facts.snapshot.failure_code, FAILURE_CODE_MAX, "card_declined");
    return event;
}

struct provider_event refund_event(const char *event_id, const struct payment *payment,
                                   const char *refund_id, const char *ref, int64_t amount_minor,
                                   enum refund_status status)
{
    struct provider_event event = event_of(event_id, payment);
    struct provider_refund *refund = &event.refund;

    event.kind = PROVIDER_EVENT_REFUND;
    snprintf(event.type, sizeof(event.type), "refund.told");
    snprintf(refund->refund_id.text, sizeof(refund->refund_id.text), "%s", refund_id);
    snprintf(refund->ref, sizeof(refund->ref), "%s", ref);
    memcpy(refund->intent, event.payment.intent, sizeof(refund->intent));
    refund->amount_minor = amount_minor;
    memcpy(refund->currency, payment->amount.currency, sizeof(refund->currency));
    refund->status = status;
    return event;
}

const struct problem *deliver(const struct provider_event *event, enum webhook_outcome *outcome_out)
{
    struct ctx *ctx = given_a_request_of("stripe");
    struct receive_webhook command = { .provider = "stripe",
                                       .signature_header = fake_good_signature,
                                       .raw_body = bytes_of(event->id) };

    ctx->actor.role = ROLE_NONE;
    fake_provider_sends(event);
    return receive_webhook(ctx, &command, outcome_out);
}

void given_the_webhook(struct provider_event event, enum webhook_outcome expected)
{
    enum webhook_outcome outcome;

    assert_null(deliver(&event, &outcome));
    assert_int_equal(outcome, expected);
}

void assert_body(const struct answer *answer, const char *expected)
{
    assert_string_equal(arena_bytes_dup(the_arena, answer->body), expected);
}

void assert_body_has(const struct answer *answer, const char *part)
{
    const char *body = arena_bytes_dup(the_arena, answer->body);

    if (strstr(body, part) == NULL)
        fail_msg("\"%s\" does not stand in \"%s\"", part, body);
}
