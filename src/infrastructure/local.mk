noinst_LIBRARIES += libinfrastructure.a
libinfrastructure_a_SOURCES =
libinfrastructure_a_CPPFLAGS = $(AM_CPPFLAGS)

include src/infrastructure/postgres/local.mk
