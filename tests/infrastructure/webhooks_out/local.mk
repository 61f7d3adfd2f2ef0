# Tests of what the shop is told: secrets, signatures, and the guard against inner networks.
WEBHOOKS_OUT_TEST_LIBS = libinfrastructure.a libapplication.a libdomain.a libbase.a $(CURL_LIBS) \
    $(CRYPTO_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_endpoint_url %D%/test_inner_networks %D%/test_webhook_secrets
%C%_test_endpoint_url_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getaddrinfo
%C%_test_endpoint_url_LDADD = $(WEBHOOKS_OUT_TEST_LIBS)
%C%_test_inner_networks_LDADD = $(WEBHOOKS_OUT_TEST_LIBS)
%C%_test_webhook_secrets_LDADD = $(WEBHOOKS_OUT_TEST_LIBS)

# Its own getaddrinfo stands in for libcurl's, so the symbol must be seen from there.
check_PROGRAMS += %D%/test_sender
%C%_test_sender_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
%C%_test_sender_LDFLAGS = $(AM_LDFLAGS) -pthread -Wl,--export-dynamic-symbol=getaddrinfo
%C%_test_sender_LDADD = tests/infrastructure/providers/libhttptest.a $(WEBHOOKS_OUT_TEST_LIBS)
