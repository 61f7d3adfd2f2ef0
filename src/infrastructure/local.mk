# Everything that uses a library: libfcgi, libpq, Jansson, libcurl, OpenSSL, libjwt.
noinst_LIBRARIES += libinfrastructure.a
libinfrastructure_a_CPPFLAGS = $(AM_CPPFLAGS)
libinfrastructure_a_SOURCES = \
    %D%/clock.c %D%/clock.h \
    %D%/config.c %D%/config.h \
    %D%/config_source.c %D%/config_source.h \
    %D%/entropy.c \
    %D%/notify.c %D%/notify.h \
    %D%/digest.c \
    %D%/hkdf.c %D%/hkdf.h \
    %D%/hmac.c %D%/hmac.h \
    %D%/shared_memory.c %D%/shared_memory.h \
    %D%/json_numbers.c %D%/json_numbers.h \
    %D%/authorship_keys.c %D%/authorship_keys.h \
    %D%/json_parse.c %D%/json_parse.h \
    %D%/audit_key_file.c %D%/audit_key_file.h \
    %D%/audit_record_file.c %D%/audit_record_file.h

include src/infrastructure/cli/local.mk
include src/infrastructure/api/local.mk
include src/infrastructure/auth/local.mk
include src/infrastructure/fastcgi/local.mk
include src/infrastructure/hardening/local.mk
include src/infrastructure/jobs/local.mk
include src/infrastructure/live/local.mk
include src/infrastructure/postgres/local.mk
include src/infrastructure/providers/local.mk
include src/infrastructure/webhooks_out/local.mk
