# Tests of src/domain link the domain and nothing else: PQexec in money.c would not link.
check_LIBRARIES += %D%/libdomaintest.a
%C%_libdomaintest_a_SOURCES = %D%/dice.c %D%/dice.h %D%/payment_model.c %D%/payment_model.h \
    %D%/payment_world.c %D%/payment_world.h

check_PROGRAMS += %D%/test_currency %D%/test_dispute %D%/test_domain_event \
    %D%/test_ids %D%/test_money \
    %D%/test_order %D%/test_payment %D%/test_payment_lifecycle %D%/test_payment_model \
    %D%/test_payment_permutations %D%/test_refund
%C%_test_currency_LDADD = libdomain.a libbase.a $(CMOCKA_LIBS)
%C%_test_dispute_LDADD = libdomain.a libbase.a $(CMOCKA_LIBS)
%C%_test_domain_event_LDADD = libdomain.a libbase.a $(CMOCKA_LIBS)
%C%_test_ids_LDADD = %D%/libdomaintest.a libdomain.a libbase.a $(CMOCKA_LIBS)
%C%_test_money_LDADD = %D%/libdomaintest.a libdomain.a libbase.a $(CMOCKA_LIBS)
%C%_test_order_LDADD = libdomain.a libbase.a $(CMOCKA_LIBS)
%C%_test_payment_LDADD = libdomain.a libbase.a $(CMOCKA_LIBS)
%C%_test_payment_lifecycle_LDADD = libdomain.a libbase.a $(CMOCKA_LIBS)
%C%_test_payment_model_LDADD = %D%/libdomaintest.a libdomain.a libbase.a $(CMOCKA_LIBS)
%C%_test_payment_permutations_LDADD = %D%/libdomaintest.a libdomain.a libbase.a $(CMOCKA_LIBS)
%C%_test_refund_LDADD = %D%/libdomaintest.a libdomain.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_moment
%C%_test_moment_LDADD = libdomain.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_dispute_permutations
%C%_test_dispute_permutations_LDADD = libdomain.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_books
%C%_test_books_LDADD = libdomain.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_api_key
%C%_test_api_key_LDADD = libdomain.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_delivery
%C%_test_delivery_LDADD = libdomain.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_webhook_endpoint
%C%_test_webhook_endpoint_LDADD = libdomain.a libbase.a $(CMOCKA_LIBS)
