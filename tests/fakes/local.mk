# What the application's tests link in place of the infrastructure.
check_LIBRARIES += libfakes.a
libfakes_a_SOURCES = \
    %D%/fake_answer.c %D%/fake_authorship.c %D%/fake_crash.c %D%/fake_crash.h %D%/fake_digest.c \
    %D%/fake_entropy.c %D%/fake_provider.c %D%/fake_provider.h %D%/fake_store.c %D%/fake_store.h \
    %D%/fake_store_api_keys.c %D%/fake_store_adoption.c %D%/fake_store_calls.c %D%/fake_store_checkout.c \
    %D%/fake_store_disputes.c %D%/fake_store_health.c %D%/fake_store_history.c \
    %D%/fake_store_inbox.c %D%/fake_store_inbox_events.c %D%/fake_store_invariants.c \
    %D%/fake_store_jobs.c %D%/fake_store_keys.c %D%/fake_store_missed.c \
    %D%/fake_store_movements.c %D%/fake_store_orders.c %D%/fake_store_parts.h \
    %D%/fake_store_payments.c %D%/fake_store_refunds.c %D%/fake_store_rows.c \
    %D%/fake_store_transaction.c %D%/fake_store_webhook_endpoints.c \
    %D%/fake_store_delivery_list.c
