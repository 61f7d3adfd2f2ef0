# Acme's adapter.
libinfrastructure_a_SOURCES += %D%/acme.c
