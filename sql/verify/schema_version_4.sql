SELECT 1 / (payapi.schema_version() >= 4)::int;
