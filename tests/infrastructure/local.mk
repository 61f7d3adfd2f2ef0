# Tests of src/infrastructure.
include tests/infrastructure/providers/local.mk
include tests/infrastructure/api/local.mk
