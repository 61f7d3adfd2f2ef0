# Tests of what the shop is told: secrets, signatures, and the guard against inner networks.
WEBHOOKS_OUT_TEST_LIBS = libinfrastructure.a libapplication.a libdomain.a libbase.a $(CURL_LIBS) \
    $(CRYPTO_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_endpoint_url %D%/test_inner_networks %D%/test_webhook_secrets
%C%_test_endpoint_url_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getaddrinfo
%C%_test_endpoint_url_LDADD = $(WEBHOOKS_OUT_TEST_LIBS)
%C%_test_inner_networks_LDADD = $(WEBHOOKS_OUT_TEST_LIBS)
%C%_test_webhook_secrets_LDADD = $(WEBHOOKS_OUT_TEST_LIBS)
