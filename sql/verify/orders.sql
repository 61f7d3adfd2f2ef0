SELECT order_id, owner_id, amount_minor, currency, status, description, customer_email, metadata,
       created_at, updated_at
  FROM payapi.orders WHERE false;
-- The application role has no right to unmake it.
SELECT 1 / (NOT has_table_privilege('payapi_app', 'payapi.orders', 'DELETE, TRUNCATE'))::int;
