# Tests of tokens.
TOKEN_TEST_LIBS = libinfrastructure.a libapplication.a libbase.a $(LIBJWT_LIBS) $(JANSSON_LIBS) \
    $(CRYPTO_LIBS) $(CMOCKA_LIBS)

check_LIBRARIES += %D%/libsigner.a
%C%_libsigner_a_SOURCES = %D%/signer.c %D%/signer.h

check_PROGRAMS += %D%/test_base64url %D%/test_numeric_date %D%/test_token \
    %D%/test_token_signature %D%/test_public_keys
%C%_test_base64url_LDADD = libinfrastructure.a libbase.a $(CMOCKA_LIBS)
%C%_test_numeric_date_LDADD = libinfrastructure.a libbase.a $(CMOCKA_LIBS)
%C%_test_token_LDADD = %D%/libsigner.a $(TOKEN_TEST_LIBS)
%C%_test_token_signature_LDADD = %D%/libsigner.a $(TOKEN_TEST_LIBS)
%C%_test_public_keys_LDADD = %D%/libsigner.a $(TOKEN_TEST_LIBS)
