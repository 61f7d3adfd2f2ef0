# Tests of src/application, on fakes: milliseconds, no database, no network.
include tests/fakes/local.mk

check_LIBRARIES += libgiven.a
libgiven_a_SOURCES = %D%/given.c %D%/given.h

check_PROGRAMS += %D%/test_transaction %D%/test_settle_payment %D%/test_create_order \
    %D%/test_checkout_order %D%/test_checkout_crashes %D%/test_receive_webhook %D%/test_queries \
    %D%/test_recover_payment %D%/test_close_payment %D%/test_process_inbox

# Twice: the use cases call the fakes, and the fakes make problems.
application_test_libraries = libgiven.a libapplication.a libfakes.a libapplication.a libdomain.a \
    libbase.a $(CMOCKA_LIBS)
%C%_test_transaction_LDADD = $(application_test_libraries)
%C%_test_settle_payment_LDADD = $(application_test_libraries)
%C%_test_create_order_LDADD = $(application_test_libraries)
%C%_test_checkout_order_LDADD = $(application_test_libraries)
%C%_test_checkout_crashes_LDADD = $(application_test_libraries)
%C%_test_receive_webhook_LDADD = $(application_test_libraries)
%C%_test_queries_LDADD = $(application_test_libraries)
%C%_test_recover_payment_LDADD = $(application_test_libraries)
%C%_test_close_payment_LDADD = $(application_test_libraries)
%C%_test_process_inbox_LDADD = $(application_test_libraries)

check_LIBRARIES += libgivenrefund.a
libgivenrefund_a_SOURCES = %D%/given_refund.c %D%/given_refund.h
check_PROGRAMS += %D%/test_refund_payment %D%/test_refund_crashes %D%/test_settle_refund
refund_test_libraries = libgivenrefund.a $(application_test_libraries)
%C%_test_refund_payment_LDADD = $(refund_test_libraries)
%C%_test_refund_crashes_LDADD = $(refund_test_libraries)
%C%_test_settle_refund_LDADD = $(refund_test_libraries)

check_PROGRAMS += %D%/test_recover_refund
%C%_test_recover_refund_LDADD = $(refund_test_libraries)

check_PROGRAMS += %D%/test_recover_keyless
%C%_test_recover_keyless_LDADD = $(refund_test_libraries)
check_PROGRAMS += %D%/test_give_up_calls
%C%_test_give_up_calls_LDADD = $(refund_test_libraries)

check_PROGRAMS += %D%/test_choose_provider
%C%_test_choose_provider_LDADD = $(refund_test_libraries)

check_LIBRARIES += libgivendispute.a
libgivendispute_a_SOURCES = %D%/given_dispute.c %D%/given_dispute.h
check_PROGRAMS += %D%/test_settle_dispute
%C%_test_settle_dispute_LDADD = libgivendispute.a $(refund_test_libraries)

check_PROGRAMS += %D%/test_adopt_payment %D%/test_pull_events
%C%_test_adopt_payment_LDADD = $(application_test_libraries)
%C%_test_pull_events_LDADD = $(application_test_libraries)

check_PROGRAMS += %D%/test_review_payment
%C%_test_review_payment_LDADD = $(application_test_libraries)

check_PROGRAMS += %D%/test_rejections
%C%_test_rejections_LDADD = $(application_test_libraries)

check_PROGRAMS += %D%/test_reconcile
%C%_test_reconcile_LDADD = $(application_test_libraries)

check_PROGRAMS += %D%/test_stored_words %D%/test_payment_news %D%/test_ctx
%C%_test_stored_words_LDADD = $(application_test_libraries)
%C%_test_payment_news_LDADD = $(application_test_libraries)
%C%_test_ctx_LDADD = $(application_test_libraries)

check_PROGRAMS += %D%/test_api_keys
%C%_test_api_keys_LDADD = $(application_test_libraries)
