SELECT 1 / (payapi.schema_version() >= 1)::int;
