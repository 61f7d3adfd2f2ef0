# Tests of src/infrastructure.
include tests/infrastructure/postgres/local.mk
include tests/infrastructure/providers/local.mk
include tests/infrastructure/api/local.mk
include tests/infrastructure/auth/local.mk
include tests/infrastructure/config/local.mk
include tests/infrastructure/fastcgi/local.mk
include tests/infrastructure/hardening/local.mk
include tests/infrastructure/live/local.mk
include tests/infrastructure/webhooks_out/local.mk

check_PROGRAMS += %D%/test_merkle
%C%_test_merkle_LDADD = libapplication.a libinfrastructure.a libapplication.a libbase.a \
    $(CRYPTO_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_hmac
%C%_test_hmac_LDADD = libinfrastructure.a libbase.a $(CRYPTO_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_entropy
%C%_test_entropy_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getrandom
%C%_test_entropy_LDADD = libinfrastructure.a $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_authorship
%C%_test_authorship_LDADD = libinfrastructure.a libapplication.a libdomain.a libbase.a $(CRYPTO_LIBS) $(CMOCKA_LIBS)
