SELECT 1 / (payapi.schema_version() >= 6)::int;
