# Tests of src/infrastructure.
include tests/infrastructure/postgres/local.mk
include tests/infrastructure/providers/local.mk
