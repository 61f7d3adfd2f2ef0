SELECT 0::payapi.minor_amount, 'USD'::payapi.currency_code;
SELECT 1 / (payapi.ms(payapi.at_ms(1700000000123)) = 1700000000123)::int;
SELECT 1 / payapi.id_has_form('pay_00000000000000000000000001', 'pay_')::int;
SELECT 1 / (payapi.xid_number('7') = 7)::int;
SELECT 1 / payapi.must_be_one(1)::int;
SELECT 1 / (to_regprocedure('payapi.refuse_count(bigint)') IS NOT NULL)::int;
SELECT 1 / (to_regprocedure('payapi.refuse_change()') IS NOT NULL)::int;
SELECT 1 / has_function_privilege('payapi_app', 'payapi.id_has_form(text, text)', 'EXECUTE')::int;
SELECT 1 / (NOT has_function_privilege('public', 'payapi.must_be_one(bigint)', 'EXECUTE'))::int;
