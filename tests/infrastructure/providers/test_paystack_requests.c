/*
 * What goes out to Paystack, and from which settings: requests, amounts, keys, the call itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "infrastructure/http_client/scripted_server.h"
#include "infrastructure/providers/paystack/paystack_currency.h"
#include "infrastructure/providers/paystack_fixture.h"

static struct payment payment;
static struct order order;
static struct provider_checkout wanted;
static struct provider_request request;

static int set_up(void **state)
{
    fixture_reset(state);
    payment = given_a_naira_payment();
    order = given_an_order();
    wanted = (struct provider_checkout) {
        .payment = &payment, .order = &order, .customer_email = "a@b.example",
        .return_url = "https://shop.example/ok", .cancel_url = "https://shop.example/no?a=\"b\"",
        .proof = "0a1b2c3d.00112233445566778899aabbccddeeff",
    };
    return 0;
}

static const struct problem *write_checkout(void)
{
    const struct provider *paystack = given_paystack();

    return paystack->write_checkout(given_a_ctx(), paystack, &wanted, &request);
}

/* --- Requests ------------------------------------------------------------------------------ */

static void a_checkout_is_written_as_json_with_a_stable_reference(void **state)
{
    const char *expected =
        "{\"email\":\"a@b.example\",\"amount\":10000,\"currency\":\"NGN\","
        "\"reference\":\"" FIXTURE_REFERENCE "\",\"callback_url\":\"https://shop.example/ok\","
        "\"metadata\":{\"payment_id\":\"" FIXTURE_PAYMENT_ID "\",\"order_id\":\"abc-123\","
        "\"payapi_proof\":\"0a1b2c3d.00112233445566778899aabbccddeeff\","
        "\"cancel_action\":\"https://shop.example/no?a=\\\"b\\\"\"}}";
    (void) state;

    assert_null(write_checkout());
    assert_int_equal(request.operation, OP_CHECKOUT);
    assert_string_equal(request.method, "POST");
    assert_string_equal(request.path, "/transaction/initialize");
    assert_string_equal(request.idempotency_key, FIXTURE_PAYMENT_ID ":checkout:1");
    assert_int_equal(request.body.size, strlen(expected));
    assert_memory_equal(request.body.data, expected, request.body.size);
}

/* Letters, digits and - . = are allowed: no underscore. */
static void the_reference_has_only_their_letters(void **state)
{
    (void) state;

    assert_int_equal(strspn(FIXTURE_REFERENCE, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                               "0123456789-.="), strlen(FIXTURE_REFERENCE));
    assert_null(write_checkout());
    assert_non_null(strstr(request.body.data, "\"reference\":\"" FIXTURE_REFERENCE "\""));
}

static void without_an_address_the_client_is_told_to_give_one(void **state)
{
    const struct problem *problem;
    (void) state;

    wanted.customer_email = "";
    problem = write_checkout();
    assert_int_equal(problem->type, PROBLEM_VALIDATION_FAILED);
    assert_string_equal(problem->fields[0].pointer, "#/customerEmail");
}

static void each_currency_has_its_minimum(void **state)
{
    static const struct { struct money below, least; int64_t sent; } rows[] = {
        { { 4999, "NGN" }, { 5000, "NGN" }, 5000 }, { { 199, "USD" }, { 200, "USD" }, 200 },
        { { 9, "GHS" }, { 10, "GHS" }, 10 },        { { 99, "ZAR" }, { 100, "ZAR" }, 100 },
        { { 299, "KES" }, { 300, "KES" }, 300 },    { { 0, "XOF" }, { 1, "XOF" }, 100 },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct problem *problem;

        payment.amount = rows[i].below;
        problem = write_checkout();
        assert_int_equal(problem->type, PROBLEM_INVALID_AMOUNT);
        assert_int_equal(problem->field_count, 0);      /* it is the order's amount */
        assert_int_equal(problem->number_count, 1);
        assert_string_equal(problem->numbers[0].name, "minimumMinor");
        assert_int_equal(problem->numbers[0].value, rows[i].least.minor);
        payment.amount = rows[i].least;
        assert_null(write_checkout());
        assert_non_null(strstr(request.body.data,
                               given_text("\"amount\":%lld,", (long long) rows[i].sent).data));
    }
}

static void a_currency_that_paystack_has_not_is_the_clients_fault(void **state)
{
    static const char *const codes[] = { "EUR", "JPY", "KWD" };
    (void) state;

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        const struct problem *problem;

        payment.amount = (struct money) { 100000, { codes[i][0], codes[i][1], codes[i][2] } };
        problem = write_checkout();
        assert_int_equal(problem->type, PROBLEM_INVALID_AMOUNT);
        assert_int_equal(problem->field_count, 0);
    }
}

static void every_look_is_a_verification_of_the_reference(void **state)
{
    const struct provider *paystack = given_paystack();
    struct ctx *ctx = given_a_ctx();
    (void) state;

    assert_null(paystack->write_retrieve(ctx, &payment, &request));
    assert_int_equal(request.operation, OP_RETRIEVE);
    assert_string_equal(request.path, "/transaction/verify/" FIXTURE_REFERENCE);
    assert_null(paystack->write_find(ctx, &payment, "", &request));
    assert_int_equal(request.operation, OP_FIND);
    assert_string_equal(request.path, "/transaction/verify/" FIXTURE_REFERENCE);
    assert_null(paystack->write_expire(ctx, &payment, &request));
    assert_int_equal(request.operation, OP_EXPIRE);
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.path, "/transaction/verify/" FIXTURE_REFERENCE);
    assert_string_equal(request.idempotency_key, FIXTURE_PAYMENT_ID ":expire:1");
}

static void the_probe_changes_nothing(void **state)
{
    (void) state;

    given_paystack()->write_probe(given_a_ctx(), PROVIDER_READS, &request);
    assert_string_equal(request.method, "GET");
    assert_string_equal(request.path, "/balance");
    given_paystack()->write_probe(given_a_ctx(), PROVIDER_WRITES, &request);
    assert_string_equal(request.method, "POST");
    assert_string_equal(request.body.data, "{}");       /* neither an amount nor an address */
}

static void its_currencies_are_those_with_a_minimum(void **state)
{
    const struct provider *paystack = given_paystack();
    (void) state;

    assert_true(paystack->takes_currency("NGN") && paystack->takes_currency("USD"));
    assert_false(paystack->takes_currency("EUR"));
    assert_non_null(strstr(paystack->home_currencies, "XOF"));
    assert_null(strstr(paystack->home_currencies, "USD"));
}

/* --- Amounts ------------------------------------------------------------------------------- */

/* Hundredths of every currency, whatever ISO 4217 says (XOF and JPY 0, KWD 3 decimals). */
static void amounts_are_hundredths_of_the_major_unit(void **state)
{
    static const struct { struct money amount; int64_t hundredths; } rows[] = {
        { { 10000, "NGN" }, 10000 }, { { 500, "XOF" }, 50000 }, { { 7, "JPY" }, 700 },
        { { 1230, "KWD" }, 123 }, { { MONEY_MINOR_MAX, "XOF" }, MONEY_MINOR_MAX * 100 },
    };
    int64_t number;
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(paystack_amount_from_money(rows[i].amount, &number));
        assert_int_equal(number, rows[i].hundredths);
        assert_true(paystack_amount_to_minor(rows[i].hundredths, rows[i].amount.currency, &number));
        assert_int_equal(number, rows[i].amount.minor);
    }
}

static void what_cannot_be_expressed_is_refused_and_not_rounded(void **state)
{
    static const struct { int64_t hundredths; const char *code; } rows[] = {
        { 50073, "XOF" }, { -1, "NGN" }, { MONEY_MINOR_MAX + 1, "NGN" }, { 100, "ABC" }, { 100, "" },
    };
    int64_t number = 4711;
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_false(paystack_amount_to_minor(rows[i].hundredths, rows[i].code, &number));
    assert_false(paystack_amount_from_money((struct money) { 1231, "KWD" }, &number));
    assert_false(paystack_amount_from_money((struct money) { 1, "ABC" }, &number));
    assert_int_equal(number, 4711);
}

/* --- Settings ------------------------------------------------------------------------------ */

static const char *complaint_about(struct provider_config settings)
{
    const char *complaint = "not written";
    struct provider *provider;

    if (settings.base_url == NULL)
        settings.base_url = "https://api.paystack.co";
    provider = paystack_new(&settings, &complaint);
    if (provider == NULL)
        assert_ptr_equal(strstr(complaint, "PAYSTACK_"), complaint);    /* names the setting */
    else
        assert_null(complaint);
    paystack_free(provider);
    return complaint;
}

static void wrong_settings_are_named_and_never_shown(void **state)
{
    static const struct { struct provider_config settings; const char *says; } rows[] = {
        { { .secret_keys = { { NULL }, 0 } }, "is missing" },
        { { .secret_keys = { { "pk_test_1" }, 1 } }, "must begin with" },
        { { .secret_keys = { { "sk_test_a b" }, 1 } }, "visible ASCII" },
        { { .secret_keys = { { "sk_test_1", "sk_live_1" }, 2 } }, "mixes" },
        { { .secret_keys = { { "sk_test_1", "whsec_1" }, 2 } }, "must begin with" },
        { { .secret_keys = { { "sk_test_1" }, 4 } }, "more than 3" },
        { { .secret_keys = { { "sk_test_1" }, 1 },
            .base_url = "http://api.paystack.co" }, "PAYSTACK_BASE_URL" },
    };
    (void) state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_non_null(strstr(complaint_about(rows[i].settings), rows[i].says));
}

static void the_key_says_the_mode(void **state)
{
    const struct provider_config live = { .secret_keys = { { "sk_live_1", "sk_live_0" }, 2 } };
    (void) state;

    assert_false(given_paystack()->livemode);
    assert_true(given_paystack_with(live)->livemode);
    assert_false(given_paystack()->repeats_safely);
    assert_string_equal(given_paystack()->name, "paystack");
}

/* --- The call ------------------------------------------------------------------------------ */

static struct scripted_server *server;

static int stop_the_server(void **state)
{
    (void) state;
    server_free(server);
    server = NULL;
    return 0;
}

static void a_call_bears_the_first_key_and_no_other_header_that_matters(void **state)
{
    const struct bytes body = given_document("paystack-initialize");
    struct step script[] = {
        { .kind = STEP_ACCEPT }, { .kind = STEP_READ },
        { STEP_SAY, given_text("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", body.size,
                               body.data).data, 0 },
        { .kind = STEP_END },
    };
    struct provider_config settings = {
        .secret_keys = { { FIXTURE_PAYSTACK_KEY, "sk_test_old" }, 2 },
        .connect_timeout_ms = 300, .timeout_ms = 400,
    };
    const struct provider *paystack;
    struct provider_outcome outcome;
    struct provider_reply reply;
    const char *sent;
    (void) state;

    server = server_start(script);
    settings.base_url = server_url(server, "http");
    paystack = given_paystack_with(settings);
    assert_null(paystack->write_checkout(given_a_ctx(), paystack, &wanted, &request));
    paystack->call(given_a_ctx(), paystack, &request, &reply);
    paystack->read_reply(given_a_ctx(), paystack, &payment, &request, &reply, &outcome);

    assert_int_equal(outcome.verdict, VERDICT_DONE);
    server_stop(server);
    sent = server_request(server, 0);
    assert_non_null(strstr(sent, "POST /transaction/initialize HTTP/1.1\r\n"));
    assert_non_null(strstr(sent, "Authorization: Bearer " FIXTURE_PAYSTACK_KEY "\r\n"));
    assert_non_null(strstr(sent, "Content-Type: application/json\r\n"));
    assert_null(strstr(sent, "Idempotency-Key"));
    assert_null(strstr(sent, "sk_test_old"));
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_checkout_is_written_as_json_with_a_stable_reference),
        CASE(the_reference_has_only_their_letters),
        CASE(without_an_address_the_client_is_told_to_give_one),
        CASE(each_currency_has_its_minimum),
        CASE(a_currency_that_paystack_has_not_is_the_clients_fault),
        CASE(every_look_is_a_verification_of_the_reference),
        CASE(the_probe_changes_nothing),
        CASE(its_currencies_are_those_with_a_minimum),
        CASE(amounts_are_hundredths_of_the_major_unit),
        CASE(what_cannot_be_expressed_is_refused_and_not_rounded),
        CASE(wrong_settings_are_named_and_never_shown),
        CASE(the_key_says_the_mode),
        cmocka_unit_test_setup_teardown(
            a_call_bears_the_first_key_and_no_other_header_that_matters, set_up, stop_the_server),
    };

    return cmocka_run_group_tests_name("paystack_requests", tests, fixture_set_up,
                                       fixture_tear_down);
}
