# The store: the only code that uses libpq.
libinfrastructure_a_CPPFLAGS += $(LIBPQ_CFLAGS)
libinfrastructure_a_SOURCES += \
    %D%/actor_text.h %D%/audit_rows.h %D%/claim_rows.h %D%/payment_locks.h %D%/rows.c %D%/rows.h \
    %D%/store_api_keys.c %D%/store_adoption.c %D%/store_audit.c %D%/store_books.c %D%/store_calls.c \
    %D%/store_checkout.c %D%/store_checkpoints.c %D%/store_disputes.c %D%/store_findings.c \
    %D%/store_deliveries.c %D%/store_delivery_list.c \
    %D%/store_webhook_endpoints.c %D%/store_gauges.c %D%/store_health.c %D%/store_history.c \
    %D%/store_inbox.c %D%/store_inbox_events.c %D%/store_live.c \
    %D%/store_jobs.c %D%/store_keys.c %D%/store_missed.c %D%/store_movements.c %D%/store_news.h \
    %D%/store_orders.c %D%/store_payment_list.c %D%/store_payments.c %D%/store_pg.c \
    %D%/store_pg.h %D%/store_reconcile.c %D%/store_refunds.c %D%/store_timeline.c \
    %D%/store_transaction.c \
    %D%/store_audit_list.c %D%/store_movement_list.c %D%/listing.c %D%/listing.h \
    %D%/pg/constraints.c %D%/pg/constraints.h %D%/pg/pg.c %D%/pg/pg.h %D%/pg/pg_args.c \
    %D%/pg/pg_connection.c %D%/pg/pg_files.c %D%/pg/pg_pooler.c %D%/pg/pg_prepared.c \
    %D%/pg/pg_problem.c %D%/pg/pg_row.c %D%/pg/statements.c %D%/pg/statements.h
