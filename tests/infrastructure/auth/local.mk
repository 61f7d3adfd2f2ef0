# Tests of tokens.
check_PROGRAMS += %D%/test_base64url %D%/test_token
%C%_test_base64url_LDADD = libinfrastructure.a libbase.a $(CMOCKA_LIBS)
%C%_test_token_LDADD = libinfrastructure.a libapplication.a libbase.a $(LIBJWT_LIBS) $(JANSSON_LIBS) \
    $(CRYPTO_LIBS) $(CMOCKA_LIBS)
