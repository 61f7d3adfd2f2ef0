# payapi-admin, a subcommand per file.
libinfrastructure_a_SOURCES += %D%/admin.c %D%/admin.h \
    %D%/admin_config.c %D%/admin_database.c %D%/admin_invariants.c %D%/admin_migrate.c \
    %D%/admin_token.c
