/* Refunds for the tests of the use cases. */
#include "given_refund.h"

struct fake_tables *rows(void)
{
    return fake_store_tables(the_store);
}

struct refund *last_refund(void)
{
    assert_true(rows()->refund_count > 0);
    return &rows()->refunds[rows()->refund_count - 1];
}

void given_an_unpaid_payment(void)
{
    set_up_world(NULL);
    given_an_order("abc-123", "alice", (struct money) { 9999, "USD" });
    checkout_answer("alice", "abc-123", NULL);
}

void given_a_paid_payment(void)
{
    given_an_unpaid_payment();
    given_the_webhook(captured_event("evt_0", last_payment()), WEBHOOK_APPLIED);
}

int set_up_a_paid_payment(void **state)
{
    (void) state;
    given_a_paid_payment();
    return 0;
}

int tear_down_checked(void **state)
{
    fake_store_check_invariants(the_store);
    assert_int_equal(fake_store_refusal_count(the_store), 0);
    return tear_down_world(state);
}

const struct idempotency_key *a_refund_key(const char *key, const char *fingerprint)
{
    static int requests;
    struct idempotency_key *made = arena_alloc(the_arena, sizeof(*made));

    *made = (struct idempotency_key) {
        .principal = "root", .route = "POST /api/v1/payments/:id/refund", .key = key,
        .fingerprint = fingerprint, .holder = arena_printf(the_arena, "refunder-%d", ++requests),
    };
    return made;
}

static const struct problem *take_terms(struct ctx *ctx, const void *body, const char *currency,
                                        struct refund_terms *terms_out)
{
    (void) ctx;
    assert_string_equal(currency, last_payment()->amount.currency);
    *terms_out = *(const struct refund_terms *) body;
    return OK;
}

struct refund_payment refund_command(int64_t amount_minor, const struct idempotency_key *key)
{
    struct refund_terms *terms = arena_alloc(the_arena, sizeof(*terms));

    *terms = (struct refund_terms) { amount_minor, "", "requested_by_customer", "#/amountMinor" };
    return (struct refund_payment) {
        .payment_id = last_payment()->id, .read_terms = take_terms, .body = terms, .key = key,
    };
}

struct answer refund_answer(int64_t amount_minor, const char *key)
{
    const char *fingerprint = arena_printf(the_arena, "f%lld", (long long) amount_minor);
    struct refund_payment command = refund_command(amount_minor, a_refund_key(key, fingerprint));
    struct answer answer;

    assert_null(refund_payment(given_a_request_of_an_admin(), &command, &answer));
    return answer;
}

void given_the_webhook_if_news(struct provider_event event)
{
    enum webhook_outcome outcome;

    assert_null(deliver(&event, &outcome));
}
