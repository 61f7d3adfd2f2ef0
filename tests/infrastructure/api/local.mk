# Tests of the API with fake use cases: what reaches them, and what is answered.
check_PROGRAMS += %D%/test_api %D%/test_bodies %D%/test_documents %D%/test_good_bodies \
    %D%/test_idempotency_header %D%/test_responses
check_LIBRARIES += libapigiven.a
libapigiven_a_SOURCES = %D%/given.c %D%/given.h %D%/given_api_keys.c %D%/given_history.c \
    %D%/given_webhook_endpoints.c
# The fakes stand before libapplication, so that the linker never takes the real use cases.
api_test_libs = libapigiven.a libinfrastructure.a libapigiven.a libapplication.a libinfrastructure.a \
    libdomain.a libbase.a $(LIBJWT_LIBS) $(JANSSON_LIBS) $(CURL_LIBS) $(CRYPTO_LIBS) $(CMOCKA_LIBS)
%C%_test_api_LDADD = $(api_test_libs)
%C%_test_bodies_LDADD = $(api_test_libs)
%C%_test_documents_LDADD = $(api_test_libs)
%C%_test_good_bodies_LDADD = $(api_test_libs)
%C%_test_idempotency_header_LDADD = $(api_test_libs)
%C%_test_responses_LDADD = $(api_test_libs)

check_PROGRAMS += %D%/test_exports
%C%_test_exports_LDADD = $(api_test_libs)

check_PROGRAMS += %D%/test_card_number
%C%_test_card_number_LDADD = libinfrastructure.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_webhook_events
%C%_test_webhook_events_LDADD = $(api_test_libs)

check_PROGRAMS += %D%/test_api_keys
%C%_test_api_keys_LDADD = $(api_test_libs)
