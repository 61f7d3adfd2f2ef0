# Tests of src/infrastructure.
include tests/infrastructure/providers/local.mk
