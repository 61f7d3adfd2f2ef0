# Tests of src/infrastructure.
include tests/infrastructure/postgres/local.mk
include tests/infrastructure/providers/local.mk
include tests/infrastructure/api/local.mk
include tests/infrastructure/auth/local.mk
include tests/infrastructure/config/local.mk
include tests/infrastructure/fastcgi/local.mk
