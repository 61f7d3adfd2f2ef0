# C tests: cmocka programs that print TAP. Each folder adds its own in local.mk.
TEST_EXTENSIONS = .sh
TESTS = $(check_PROGRAMS)
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' CMOCKA_MESSAGE_OUTPUT=TAP $(SHELL) \
    $(top_srcdir)/build-aux/tap-driver.sh

include tests/base/local.mk
include tests/domain/local.mk
include tests/application/local.mk
include tests/infrastructure/local.mk
include tests/sandbox/local.mk
include tests/fuzz/local.mk
include tests/counterparts/local.mk
