#include "sandbox/stripe/stripe_params.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

static const char new_version[] = "2026-10-28.endive", old_version[] = "2023-08-16";

/* The parameter found wrong, "" when all is right; *code_out as in the error. */
static const char *check(const struct param_table *table, const char *text, const char *version,
                         const char **code_out)
{
    static struct param_error error;
    struct url_form               form;
    const char               *why;

    error = (struct param_error) { 0 };
    assert_true(url_form_parse(text, strlen(text), &form, &why));
    if (params_check(table, &form, version, &error))
        assert_string_equal(error.param, "");
    else
        assert_string_not_equal(error.message, "");
    url_form_free(&form);
    *code_out = error.code == NULL ? "" : error.code;
    return error.param;
}

static void each_table_is_sorted(void **state)
{
    static const struct param_table *const tables[] = {
        &stripe_session_create_params, &stripe_session_list_params, &stripe_intent_cancel_params,
        &stripe_intent_retrieve_params, &stripe_refund_create_params, &stripe_refund_list_params,
        &stripe_event_list_params, &stripe_expand_params,
    };
    (void) state;

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        for (size_t k = 1; k < tables[i]->count; k++)
            assert_true(strcmp(tables[i]->rows[k - 1].pattern, tables[i]->rows[k].pattern) < 0);
}

static void parameters_are_judged_by_name_and_type(void **state)
{
    static const struct { const char *form, *param, *code; } cases[] = {
        { "mode=payment&line_items[0][quantity]=1", "", "" },
        { "line_items[99][price_data][unit_amount]=5", "", "" },
        { "metadata[a]=b&metadata[1]=c&metadata[d]=", "", "" },
        { "metadata=", "", "" },
        { "foo=1", "foo", "parameter_unknown" },
        { "line_items[0][foo]=1", "line_items[0][foo]", "parameter_unknown" },
        { "mode[a]=1", "mode[a]", "parameter_unknown" },
        { "metadata[a][b]=1", "metadata[a][b]", "parameter_unknown" },
        { "line_items=1", "line_items", "" },
        { "metadata=1", "metadata", "" },
        { "mode=gift", "mode", "" },
        { "mode=pay", "mode", "" },
        { "mode=payment|setup", "mode", "" },
        { "expires_at=12x", "expires_at", "parameter_invalid_integer" },
        { "expires_at=1.0", "expires_at", "parameter_invalid_integer" },
        { "expires_at=1234567890123456789", "expires_at", "parameter_invalid_integer" },
        { "expires_at=", "expires_at", "parameter_invalid_empty" },
        { "allow_promotion_codes=1", "allow_promotion_codes", "" },
        { "allow_promotion_codes=true", "", "" },
        { "line_items[0][price_data][unit_amount_decimal]=1.5", "", "" },
        { "line_items[0][price_data][unit_amount_decimal]=1.",
          "line_items[0][price_data][unit_amount_decimal]", "" },
    };
    const char *code;
    (void) state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(check(&stripe_session_create_params, cases[i].form, new_version, &code),
                            cases[i].param);
        assert_string_equal(code, cases[i].code);
    }
}

static void a_removed_parameter_is_known_to_older_versions_only(void **state)
{
    static const char form[] = "payment_method_types[]=card";
    const char       *code;
    (void) state;

    assert_string_equal(check(&stripe_session_create_params, form, old_version, &code), "");
    check(&stripe_session_create_params, form, new_version, &code);
    assert_string_equal(code, "parameter_unknown");
}

static void each_map_has_its_own_50_keys(void **state)
{
    char        text[8000] = "";
    size_t      length = 0;
    const char *code;
    (void) state;

    for (int i = 0; i < METADATA_KEYS_MAX; i++)
        length += (size_t) sprintf(text + length,
                                   "metadata[k%d]=v&payment_intent_data[metadata][k%d]=v&", i, i);
    assert_string_equal(check(&stripe_session_create_params, text, new_version, &code), "");
    sprintf(text + length, "metadata[one_more]=v");
    assert_string_not_equal(check(&stripe_session_create_params, text, new_version, &code), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_table_is_sorted),
        cmocka_unit_test(parameters_are_judged_by_name_and_type),
        cmocka_unit_test(a_removed_parameter_is_known_to_older_versions_only),
        cmocka_unit_test(each_map_has_its_own_50_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
