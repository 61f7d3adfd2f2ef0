# payapi-admin, a subcommand per file.
libinfrastructure_a_SOURCES += \
    %D%/admin.c %D%/admin.h %D%/admin_audit.c %D%/admin_audit_export.c %D%/admin_audit_export.h \
    %D%/admin_config.c %D%/admin_endpoint.c %D%/admin_erase.c %D%/admin_key.c %D%/admin_invariants.c \
    %D%/admin_migrate.c %D%/admin_migrate.h %D%/admin_migrate_check.c \
    %D%/admin_migrate_connection.c %D%/admin_migrate_deploy.c %D%/admin_migrate_rights.c \
    %D%/admin_payment.c %D%/admin_reconcile.c %D%/admin_store.c %D%/admin_store.h \
    %D%/admin_token.c %D%/admin_webhook.c
