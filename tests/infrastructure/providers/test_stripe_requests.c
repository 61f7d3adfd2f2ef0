#define _GNU_SOURCE             /* memmem */

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "infrastructure/providers/stripe_fixture.h"

static struct payment payment;
static struct order order;
static struct provider_request request;

static struct provider_checkout given_a_checkout(void)
{
    payment = given_a_payment();
    order = given_an_order();
    request = (struct provider_request) { 0 };
    return (struct provider_checkout) {
        .payment = &payment,
        .order = &order,
        .customer_email = "alice+1@example.com",
        .return_url = "https://shop.example/ok?session={CHECKOUT_SESSION_ID}",
        .cancel_url = "https://shop.example/cancel",
        .proof = "0a1b2c3d.00112233445566778899aabbccddeeff",
    };
}

static const struct problem *write_checkout(const struct provider_checkout *wanted)
{
    const struct provider *stripe = given_stripe();

    return stripe->write_checkout(given_a_ctx(), stripe, wanted, &request);
}

static bool body_has(const char *pair)
{
    return memmem(request.body.data, request.body.size, pair, strlen(pair)) != NULL;
}

/* --- Checkout ------------------------------------------------------------------------------ */

static void a_checkout_is_written_as_the_policy_says(void **state)
{
    const struct provider_checkout wanted = given_a_checkout();
    const char *expected =
        "mode=payment"
        "&success_url=https%3A%2F%2Fshop.example%2Fok%3Fsession%3D%7BCHECKOUT_SESSION_ID%7D"
        "&cancel_url=https%3A%2F%2Fshop.example%2Fcancel"
        "&customer_email=alice%2B1%40example.com"
        "&expires_at=1767229210"
        "&line_items[0][quantity]=1"
        "&line_items[0][price_data][currency]=usd"
        "&line_items[0][price_data][unit_amount]=9999"
        "&line_items[0][price_data][product_data][name]=Order%20abc-123"
        "&client_reference_id=abc-123"
        "&metadata[order_id]=abc-123"
        "&metadata[payment_id]=" FIXTURE_PAYMENT_ID
        "&metadata[payapi_proof]=0a1b2c3d.00112233445566778899aabbccddeeff"
        "&payment_intent_data[metadata][order_id]=abc-123"
        "&payment_intent_data[metadata][payment_id]=" FIXTURE_PAYMENT_ID
        "&payment_intent_data[metadata][payapi_proof]=0a1b2c3d.00112233445566778899aabbccddeeff";
    (void) state;

    assert_null(write_checkout(&wanted));

    assert_int_equal(request.operation, OP_CHECKOUT);
    assert_string_equal(request.method, "POST");
    assert_string_equal(request.path, "/v1/checkout/sessions");
    assert_string_equal(request.idempotency_key, FIXTURE_PAYMENT_ID ":checkout:1");
    assert_int_equal(request.body.size, strlen(expected));
    assert_memory_equal(request.body.data, expected, request.body.size);
}

/* The clock has gone on; the page's end was decided with the payment. */
static void the_same_payment_gives_the_same_bytes_later(void **state)
{
    const struct provider_checkout wanted = given_a_checkout();
    const struct provider *stripe = given_stripe();
    struct ctx *ctx = given_a_ctx();
    struct provider_request later;
    (void) state;

    assert_null(write_checkout(&wanted));
    ctx->now_ms += 3600 * 1000;
    assert_null(stripe->write_checkout(ctx, stripe, &wanted, &later));

    assert_true(bytes_equal(request.body, later.body));
    assert_string_equal(request.idempotency_key, later.idempotency_key);
}

static void an_unknown_email_is_not_sent(void **state)
{
    struct provider_checkout wanted = given_a_checkout();
    (void) state;

    wanted.customer_email = "";
    assert_null(write_checkout(&wanted));

    assert_false(body_has("customer_email"));
}

static void the_description_names_the_product(void **state)
{
    const struct provider_checkout wanted = given_a_checkout();
    (void) state;

    snprintf(order.description, sizeof(order.description), "Zwei Stühle & 1 Tisch");
    assert_null(write_checkout(&wanted));

    assert_true(body_has("[product_data][name]=Zwei%20St%C3%BChle%20%26%201%20Tisch&"));
}

static void a_long_description_is_cut_between_characters_on_the_page(void **state)
{
    const struct provider_checkout wanted = given_a_checkout();
    char text[400];
    (void) state;

    memset(text, 'x', 249);
    snprintf(text + 249, sizeof(text) - 249, "ü and more");
    snprintf(order.description, sizeof(order.description), "%s", text);
    assert_null(write_checkout(&wanted));

    assert_true(body_has("xxx&"));
    assert_false(body_has("%C3"));
}

static void neither_ui_mode_nor_method_types_are_sent(void **state)
{
    const struct provider_checkout wanted = given_a_checkout();
    (void) state;

    assert_null(write_checkout(&wanted));

    assert_false(body_has("ui_mode"));
    assert_false(body_has("payment_method_types"));
}

static void no_secret_stands_in_a_frozen_request(void **state)
{
    const struct provider_checkout wanted = given_a_checkout();
    (void) state;

    assert_null(write_checkout(&wanted));

    assert_false(body_has("sk_test"));
    assert_false(body_has("whsec"));
    assert_null(strstr(request.path, "sk_test"));
}

static void an_amount_is_sent_as_stripe_counts_it(void **state)
{
    const struct provider_checkout wanted = given_a_checkout();
    (void) state;

    payment.amount = (struct money) { 5, "ISK" };
    assert_null(write_checkout(&wanted));

    assert_true(body_has("[currency]=isk&"));
    assert_true(body_has("[unit_amount]=500&"));
}

static void an_amount_that_stripe_cannot_express_points_at_the_amount(void **state)
{
    const struct provider_checkout wanted = given_a_checkout();
    const struct problem *problem;
    (void) state;

    payment.amount = (struct money) { 5124, "KWD" };
    problem = write_checkout(&wanted);

    assert_non_null(problem);
    assert_int_equal(problem->type, PROBLEM_INVALID_AMOUNT);
    assert_int_equal(problem->field_count, 0);
    assert_non_null(strstr(problem->detail, "5.124 KWD"));
    assert_null(request.body.data);
}

/* --- Against Stripe's own list of parameters ----------------------------------------------- */

/* "a[3][b]" as "a[0][b]", and a key of metadata as "*". */
static void normalise(const char *name, size_t size, char *to)
{
    const bool metadata = memmem(name, size, "metadata", 8) != NULL;
    const char *key = memrchr(name, '[', size);

    if (metadata && key != NULL)
        size = (size_t) (key - name) + 1;
    for (size_t i = 0; i < size; i++) {
        bool digit = isdigit((unsigned char) name[i]) != 0;

        if (digit && i > 0 && isdigit((unsigned char) name[i - 1]) != 0)
            continue;
        *to++ = digit ? '0' : name[i];
    }
    strcpy(to, metadata ? "*]" : "");
}

static bool is_listed(const json_t *parameters, const char *name, size_t size)
{
    char normal[256];
    size_t i;
    json_t *listed;

    assert_in_range(size, 1, sizeof(normal) - 4);
    normalise(name, size, normal);
    json_array_foreach(parameters, i, listed)
        if (strcmp(json_string_value(listed), normal) == 0)
            return true;
    return false;
}

static void assert_parameters_listed(const char *operation, const char *form)
{
    const json_t *operations = json_object_get(given_json("checkout-params.json"), "operations");
    const json_t *parameters = json_object_get(operations, operation);

    assert_non_null(parameters);
    while (*form != '\0') {
        size_t name_size = strcspn(form, "=");

        if (!is_listed(parameters, form, name_size))
            fail_msg("Stripe does not know %.*s", (int) name_size, form);
        form += strcspn(form, "&");
        form += *form == '&' ? 1 : 0;
    }
}

static void every_parameter_sent_is_known_to_stripe(void **state)
{
    const struct provider_checkout wanted = given_a_checkout();
    (void) state;

    assert_null(write_checkout(&wanted));
    assert_parameters_listed("POST /v1/checkout/sessions", request.body.data);

    snprintf(payment.provider_intent, sizeof(payment.provider_intent), "pi_1");
    assert_null(given_stripe()->write_retrieve(given_a_ctx(), &payment, &request));
    assert_parameters_listed("GET /v1/checkout/sessions", strchr(request.path, '?') + 1);
    snprintf(payment.provider_ref, sizeof(payment.provider_ref), "cs_test_1");
    assert_null(given_stripe()->write_retrieve(given_a_ctx(), &payment, &request));
    assert_parameters_listed("GET /v1/checkout/sessions/{session}", strchr(request.path, '?') + 1);
}

/* --- Retrieve and expire ------------------------------------------------------------------- */

static void a_known_session_is_retrieved_by_its_id(void **state)
{
    (void) given_a_checkout();
    (void) state;

    snprintf(payment.provider_ref, sizeof(payment.provider_ref), "cs_test_1");
    snprintf(payment.provider_intent, sizeof(payment.provider_intent), "pi_1");
    assert_null(given_stripe()->write_retrieve(given_a_ctx(), &payment, &request));

    assert_int_equal(request.operation, OP_RETRIEVE);
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.path, "/v1/checkout/sessions/cs_test_1?expand[0]=payment_intent");
    assert_string_equal(request.idempotency_key, "");
    assert_int_equal(request.body.size, 0);
}

static void a_session_known_by_its_intent_is_looked_for(void **state)
{
    (void) given_a_checkout();
    (void) state;

    snprintf(payment.provider_intent, sizeof(payment.provider_intent), "pi_1");
    assert_null(given_stripe()->write_retrieve(given_a_ctx(), &payment, &request));

    assert_string_equal(request.path,
        "/v1/checkout/sessions?payment_intent=pi_1&expand[0]=data.payment_intent");
}

static void a_session_is_expired_by_its_id(void **state)
{
    (void) given_a_checkout();
    (void) state;

    snprintf(payment.provider_ref, sizeof(payment.provider_ref), "cs_test_1");
    assert_null(given_stripe()->write_expire(given_a_ctx(), &payment, &request));

    assert_int_equal(request.operation, OP_EXPIRE);
    assert_string_equal(request.method, "POST");
    assert_string_equal(request.path, "/v1/checkout/sessions/cs_test_1/expire");
    assert_string_equal(request.idempotency_key, FIXTURE_PAYMENT_ID ":expire:1");
    assert_int_equal(request.body.size, 0);
}

static void a_session_is_looked_for_from_the_intent_to_the_end_of_its_page(void **state)
{
    (void) given_a_checkout();
    (void) state;

    payment.created_at_ms = 1767225600000;
    payment.expires_at_ms = 1767229200000;
    assert_null(given_stripe()->write_find(given_a_ctx(), &payment, "", &request));
    assert_int_equal(request.operation, OP_FIND);
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.path,
        "/v1/checkout/sessions?limit=100&created[gte]=1767225300&created[lte]=1767229500"
        "&expand[0]=data.payment_intent");
    assert_string_equal(request.idempotency_key, "");

    assert_null(given_stripe()->write_find(given_a_ctx(), &payment, "cs_9&limit=1", &request));
    assert_string_equal(request.path,
        "/v1/checkout/sessions?limit=100&created[gte]=1767225300&created[lte]=1767229500"
        "&starting_after=cs_9%26limit%3D1&expand[0]=data.payment_intent");
}

static void a_reference_cannot_change_the_path(void **state)
{
    (void) given_a_checkout();
    (void) state;

    snprintf(payment.provider_ref, sizeof(payment.provider_ref), "../events?limit=1#");
    assert_null(given_stripe()->write_retrieve(given_a_ctx(), &payment, &request));
    assert_string_equal(request.path,
        "/v1/checkout/sessions/..%2Fevents%3Flimit%3D1%23?expand[0]=payment_intent");
    assert_null(given_stripe()->write_expire(given_a_ctx(), &payment, &request));
    assert_string_equal(request.path, "/v1/checkout/sessions/..%2Fevents%3Flimit%3D1%23/expire");
}

static void a_page_that_is_not_known_can_neither_be_asked_for_nor_ended(void **state)
{
    const struct problem *problem;
    (void) given_a_checkout();
    (void) state;

    problem = given_stripe()->write_retrieve(given_a_ctx(), &payment, &request);
    assert_int_equal(problem->type, PROBLEM_INVALID_PAYMENT_STATE);
    problem = given_stripe()->write_expire(given_a_ctx(), &payment, &request);
    assert_int_equal(problem->type, PROBLEM_INVALID_PAYMENT_STATE);
}

#define CASE(name) cmocka_unit_test_setup(name, fixture_reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_checkout_is_written_as_the_policy_says),
        CASE(the_same_payment_gives_the_same_bytes_later),
        CASE(an_unknown_email_is_not_sent),
        CASE(the_description_names_the_product),
        CASE(a_long_description_is_cut_between_characters_on_the_page),
        CASE(neither_ui_mode_nor_method_types_are_sent),
        CASE(no_secret_stands_in_a_frozen_request),
        CASE(an_amount_is_sent_as_stripe_counts_it),
        CASE(an_amount_that_stripe_cannot_express_points_at_the_amount),
        CASE(every_parameter_sent_is_known_to_stripe),
        CASE(a_known_session_is_retrieved_by_its_id),
        CASE(a_session_known_by_its_intent_is_looked_for),
        CASE(a_session_is_expired_by_its_id),
        CASE(a_session_is_looked_for_from_the_intent_to_the_end_of_its_page),
        CASE(a_reference_cannot_change_the_path),
        CASE(a_page_that_is_not_known_can_neither_be_asked_for_nor_ended),
    };

    return cmocka_run_group_tests_name("stripe_requests", tests, fixture_set_up, fixture_tear_down);
}
