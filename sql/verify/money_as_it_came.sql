-- Less money than is due is processing, accepted it is completed, and more is completed too.
SELECT accepted FROM payapi.payments WHERE false;
SELECT 1 / (payapi.payment_status(60, 0, 'open', 'none', 100, false) = 'processing'
            AND payapi.payment_status(60, 0, 'open', 'none', 100, true) = 'completed'
            AND payapi.payment_status(200, 0, 'open', 'none', 100, false) = 'completed')::int;
SELECT 1 / has_column_privilege('payapi_app', 'payapi.payments', 'accepted', 'UPDATE')::int;
