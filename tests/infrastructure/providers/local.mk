# Tests of the HTTP client and of the providers. Servers are scripted, on the loopback.
# Twice: use cases call interfaces that are kept outside.
PROVIDER_TEST_LIBS = libinfrastructure.a libapplication.a libinfrastructure.a libdomain.a libbase.a \
    $(CURL_LIBS) $(JANSSON_LIBS) $(CRYPTO_LIBS) $(CMOCKA_LIBS)

check_LIBRARIES += %D%/libhttptest.a
%C%_libhttptest_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
%C%_libhttptest_a_SOURCES = \
    tests/infrastructure/http_client/scripted_server.c \
    tests/infrastructure/http_client/scripted_server.h

check_PROGRAMS += tests/infrastructure/http_client/test_form
tests_infrastructure_http_client_test_form_LDADD = $(PROVIDER_TEST_LIBS)

check_PROGRAMS += tests/infrastructure/http_client/test_http_client
tests_infrastructure_http_client_test_http_client_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
tests_infrastructure_http_client_test_http_client_LDFLAGS = $(AM_LDFLAGS) \
    -Wl,--wrap=OPENSSL_cleanse -pthread
tests_infrastructure_http_client_test_http_client_LDADD = %D%/libhttptest.a $(PROVIDER_TEST_LIBS)

check_PROGRAMS += tests/infrastructure/http_client/test_http_client_tls
tests_infrastructure_http_client_test_http_client_tls_LDFLAGS = $(AM_LDFLAGS) -pthread
tests_infrastructure_http_client_test_http_client_tls_LDADD = -lssl $(PROVIDER_TEST_LIBS)

# What the tests of Stripe share: one payment, one account, recorded documents.
check_LIBRARIES += %D%/libstripetest.a
%C%_libstripetest_a_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS) \
    -DTEST_DATA_DIR='"$(abs_top_srcdir)/%D%"'
%C%_libstripetest_a_SOURCES = %D%/stripe_fixture.c %D%/stripe_fixture.h

STRIPE_TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests $(JANSSON_CFLAGS)
STRIPE_TEST_LIBS = %D%/libstripetest.a $(PROVIDER_TEST_LIBS)

check_PROGRAMS += %D%/test_stripe_currency %D%/test_stripe_settings %D%/test_stripe_signature \
    %D%/test_stripe_requests %D%/test_stripe_replies %D%/test_stripe_events %D%/test_stripe_calls
%C%_test_stripe_currency_LDADD = $(PROVIDER_TEST_LIBS)
%C%_test_stripe_settings_LDADD = $(PROVIDER_TEST_LIBS)
%C%_test_stripe_signature_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_stripe_signature_LDADD = $(STRIPE_TEST_LIBS)
%C%_test_stripe_requests_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_stripe_requests_LDADD = $(STRIPE_TEST_LIBS)
%C%_test_stripe_replies_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_stripe_replies_LDADD = $(STRIPE_TEST_LIBS)
%C%_test_stripe_events_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_stripe_events_LDADD = $(STRIPE_TEST_LIBS)
%C%_test_stripe_calls_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_stripe_calls_LDFLAGS = $(AM_LDFLAGS) -pthread
%C%_test_stripe_calls_LDADD = %D%/libhttptest.a $(STRIPE_TEST_LIBS)

check_PROGRAMS += %D%/test_stripe_refunds
%C%_test_stripe_refunds_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_stripe_refunds_LDADD = $(STRIPE_TEST_LIBS)

# What the tests of Paystack share, on top of that.
check_LIBRARIES += %D%/libpaystacktest.a
%C%_libpaystacktest_a_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_libpaystacktest_a_SOURCES = %D%/paystack_fixture.c %D%/paystack_fixture.h
PAYSTACK_TEST_LIBS = %D%/libpaystacktest.a $(STRIPE_TEST_LIBS)

check_PROGRAMS += %D%/test_paystack_requests %D%/test_paystack_replies %D%/test_paystack_refunds \
    %D%/test_paystack_events %D%/test_paystack_disputes %D%/test_paystack_adopt
%C%_test_paystack_requests_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_paystack_requests_LDFLAGS = $(AM_LDFLAGS) -pthread
%C%_test_paystack_requests_LDADD = %D%/libhttptest.a $(PAYSTACK_TEST_LIBS)
%C%_test_paystack_replies_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_paystack_replies_LDADD = $(PAYSTACK_TEST_LIBS)
%C%_test_paystack_refunds_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_paystack_refunds_LDADD = $(PAYSTACK_TEST_LIBS)
%C%_test_paystack_events_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_paystack_events_LDADD = $(PAYSTACK_TEST_LIBS)
%C%_test_paystack_disputes_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_paystack_disputes_LDADD = $(PAYSTACK_TEST_LIBS)
%C%_test_paystack_adopt_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_paystack_adopt_LDADD = $(PAYSTACK_TEST_LIBS)

check_PROGRAMS += %D%/test_breaker
%C%_test_breaker_LDADD = $(PROVIDER_TEST_LIBS)

check_PROGRAMS += %D%/test_stripe_disputes
%C%_test_stripe_disputes_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_stripe_disputes_LDADD = $(STRIPE_TEST_LIBS)

check_PROGRAMS += %D%/test_event_damage
%C%_test_event_damage_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_event_damage_LDADD = $(PAYSTACK_TEST_LIBS)

check_PROGRAMS += %D%/test_stripe_missed
%C%_test_stripe_missed_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_stripe_missed_LDADD = $(STRIPE_TEST_LIBS)

check_PROGRAMS += %D%/test_stripe_book %D%/test_paystack_book
%C%_test_stripe_book_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_stripe_book_LDADD = $(STRIPE_TEST_LIBS)
%C%_test_paystack_book_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_paystack_book_LDADD = $(PAYSTACK_TEST_LIBS)

# The real adapters and use cases, on the store in memory.
check_PROGRAMS += %D%/test_paystack_event_list
%C%_test_paystack_event_list_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_paystack_event_list_LDADD = $(PAYSTACK_TEST_LIBS)

check_PROGRAMS += %D%/test_foreign_json
%C%_test_foreign_json_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_foreign_json_LDADD = $(PROVIDER_TEST_LIBS)

check_PROGRAMS += %D%/test_documents
%C%_test_documents_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_documents_LDADD = $(PROVIDER_TEST_LIBS)

check_PROGRAMS += %D%/test_event_orders
%C%_test_event_orders_SOURCES = %D%/test_event_orders.c %D%/recorded_events.c \
    %D%/recorded_events.h
%C%_test_event_orders_CPPFLAGS = $(STRIPE_TEST_CPPFLAGS)
%C%_test_event_orders_LDADD = %D%/libpaystacktest.a %D%/libstripetest.a libapplication.a libfakes.a \
    $(PROVIDER_TEST_LIBS)

EXTRA_DIST += %D%/webhook-vectors.json %D%/checkout-params.json %D%/documents
