/*
 * The transaction behind an event of a payment that we lost. Source: docs/facts.md section 7.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "infrastructure/providers/paystack_fixture.h"

static struct provider_event event;
static struct provider_adopted adopted;

static int set_up(void **state)
{
    fixture_reset(state);
    event = (struct provider_event) { .kind = PROVIDER_EVENT_LATER };
    snprintf(event.payment.ref, sizeof(event.payment.ref), FIXTURE_REFERENCE);
    adopted = (struct provider_adopted) { .created_s = 0 };
    return 0;
}

static enum provider_adoption read_answer(int http_status, struct bytes body)
{
    static const struct settings settings = { .checkout_ttl_s = 2700 };
    struct provider_reply reply = { .http_status = http_status, .sent = true, .complete = true,
                                    .should_retry = -1, .request_id = "", .error = "", .body = body };
    const struct provider *provider = given_paystack();
    struct ctx *ctx = given_a_ctx();

    ctx->settings = &settings;
    return provider->read_adopted(ctx, provider, &event, &reply, &adopted);
}

#define METADATA(payment_id, order_id) \
    "{\"payment_id\":\"" payment_id "\",\"order_id\":\"" order_id "\"}"

static void the_transaction_is_verified_by_its_reference(void **state)
{
    struct provider_request request;
    (void) state;

    assert_null(given_paystack()->write_adopt(given_a_ctx(), &event, &request));
    assert_int_equal(request.operation, OP_ADOPT);
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.path, "/transaction/verify/" FIXTURE_REFERENCE);
    snprintf(event.payment.ref, sizeof(event.payment.ref), "../balance?x");
    assert_null(given_paystack()->write_adopt(given_a_ctx(), &event, &request));
    assert_null(strstr(request.path, "../"));
    assert_null(strchr(request.path, '?'));
}

static void an_event_that_names_no_transaction_cannot_be_asked_about(void **state)
{
    struct provider_request request;
    (void) state;

    event.payment.ref[0] = '\0';
    assert_non_null(given_paystack()->write_adopt(given_a_ctx(), &event, &request));
}

static void our_transaction_tells_all_that_the_rows_need(void **state)
{
    (void) state;

    assert_int_equal(read_answer(200, given_verification(NULL)), ADOPTION_CLAIMED);
    assert_string_equal(adopted.payment.order_id.text, "abc-123");
    assert_string_equal(adopted.payment.payment_id.text, FIXTURE_PAYMENT_ID);
    assert_string_equal(adopted.payment.ref, FIXTURE_REFERENCE);
    assert_string_equal(adopted.payment.intent, "4099260516");
    assert_string_equal(adopted.payment.currency, "NGN");
    assert_int_equal(adopted.payment.amount_minor, 10000);
    assert_int_equal(adopted.payment.facts.captured_minor, 10000);
    assert_int_equal(adopted.created_s, 1767225610);
    assert_int_equal(adopted.expires_s, 1767225610 + 2700);     /* ours: theirs has no end */
}

static void what_was_ordered_is_what_was_asked_for(void **state)
{
    (void) state;

    assert_int_equal(read_answer(200, given_verification("amount", "10150", NULL)), ADOPTION_CLAIMED);
    assert_int_equal(adopted.payment.amount_minor, 10000);
    assert_int_equal(adopted.payment.facts.captured_minor, 10000);
    assert_int_equal(read_answer(200, given_verification("requested_amount", NULL, NULL)),
                     ADOPTION_CLAIMED);
    assert_int_equal(adopted.payment.amount_minor, 10000);
}

static void an_unpaid_page_is_open_until_our_time_is_over(void **state)
{
    (void) state;

    assert_int_equal(read_answer(200, given_verification("status", "\"abandoned\"", NULL)),
                     ADOPTION_CLAIMED);
    assert_int_equal(adopted.payment.facts.captured_minor, 0);
    assert_int_equal(adopted.payment.facts.closed, PAYMENT_OPEN);
    assert_int_equal(adopted.payment.facts.snapshot.progress, PROGRESS_OPENED);
}

static void what_is_not_of_our_form_is_somebody_elses(void **state)
{
    static const char *const metadata[] = {
        "{}", "\"\"", "0", "null", METADATA(FIXTURE_PAYMENT_ID, "a/b"),
    };
    (void) state;

    for (size_t i = 0; i < sizeof(metadata) / sizeof(metadata[0]); i++)
        assert_int_equal(read_answer(200, given_verification("metadata", metadata[i], NULL)),
                         ADOPTION_NOT_OURS);
}

/* Whose it is, its reference says, or its metadata; whether that is true, its proof. */
static void the_proof_and_what_it_is_for_come_along(void **state)
{
    (void) state;

    assert_int_equal(read_answer(200, given_verification("metadata", METADATA(
                                          "pay_01KE0000000000000000000009", "abc-123"), NULL)),
                     ADOPTION_CLAIMED);
    assert_true(adopted.payment.named_by_us);
    assert_string_equal(adopted.payment.payment_id.text, FIXTURE_PAYMENT_ID);

    snprintf(event.payment.ref, sizeof(event.payment.ref), "another-reference");
    assert_int_equal(read_answer(200, given_verification(
                                          "reference", "\"another-reference\"", "metadata",
                                          "{\"payment_id\":\"" FIXTURE_PAYMENT_ID "\",\"order_id\":\"o\","
                                          "\"payapi_proof\":\"0a1b2c3d.00\"}", NULL)),
                     ADOPTION_CLAIMED);
    assert_false(adopted.payment.named_by_us);
    assert_string_equal(adopted.payment.ref, "another-reference");
    assert_string_equal(adopted.payment.payment_id.text, FIXTURE_PAYMENT_ID);
    assert_string_equal(adopted.payment.proof, "0a1b2c3d.00");
}

static void what_cannot_be_read_is_asked_for_again(void **state)
{
    static const struct { const char *name, *value; } members[] = {
        { "reference", "\"pay-01KE0000000000000000000009\"" }, { "created_at", NULL },
        { "status", "\"new-word\"" }, { "requested_amount", "0" }, { "currency", "\"\"" },
        { "domain", "\"live\"" }, { "domain", NULL }, { "id", NULL },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
        assert_int_equal(read_answer(200, given_verification(members[i].name, members[i].value, NULL)),
                         ADOPTION_UNTOLD);
    assert_int_equal(read_answer(404, given_verification(NULL)), ADOPTION_UNTOLD);
    assert_int_equal(read_answer(200, bytes_of("")), ADOPTION_UNTOLD);
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_transaction_is_verified_by_its_reference),
        CASE(an_event_that_names_no_transaction_cannot_be_asked_about),
        CASE(our_transaction_tells_all_that_the_rows_need),
        CASE(what_was_ordered_is_what_was_asked_for),
        CASE(an_unpaid_page_is_open_until_our_time_is_over),
        CASE(what_is_not_of_our_form_is_somebody_elses),
        CASE(the_proof_and_what_it_is_for_come_along),
        CASE(what_cannot_be_read_is_asked_for_again),
    };

    return cmocka_run_group_tests_name("paystack_adopt", tests, fixture_set_up, fixture_tear_down);
}
