SELECT 1 / (payapi.schema_version() >= 2)::int;
