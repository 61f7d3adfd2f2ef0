# Tests of the HTTP client and of the providers. Servers are scripted, on the loopback.
PROVIDER_TEST_LIBS = libinfrastructure.a libapplication.a libdomain.a libbase.a \
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
