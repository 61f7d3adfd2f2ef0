# Everything that knows a library: libfcgi, libpq, Jansson, libcurl, OpenSSL, libjwt.
noinst_LIBRARIES += libinfrastructure.a
libinfrastructure_a_CPPFLAGS = $(AM_CPPFLAGS)
libinfrastructure_a_SOURCES = \
    %D%/clock.c %D%/clock.h \
    %D%/config.c %D%/config.h \
    %D%/config_source.c %D%/config_source.h \
    %D%/entropy.c

include src/infrastructure/admin/local.mk
include src/infrastructure/api/local.mk
include src/infrastructure/auth/local.mk
include src/infrastructure/fastcgi/local.mk
include src/infrastructure/jobs/local.mk
include src/infrastructure/postgres/local.mk
include src/infrastructure/providers/local.mk
