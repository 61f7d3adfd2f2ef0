SELECT 1 / (payapi.schema_version() >= 5)::int;
