# Tests of src/sandbox. The end-to-end ones, test_*.py, need a built payapi-sandbox.
check_PROGRAMS += %D%/test_url_form %D%/test_params %D%/test_paystack_currency \
    %D%/test_paystack_signature %D%/test_provider_paths %D%/test_signature
%C%_test_url_form_LDADD = libsandbox.a $(CMOCKA_LIBS)
%C%_test_params_LDADD = libsandbox.a $(CMOCKA_LIBS)
%C%_test_paystack_currency_LDADD = libsandbox.a $(CMOCKA_LIBS)
%C%_test_paystack_signature_LDADD = libsandbox.a $(CMOCKA_LIBS) $(CRYPTO_LIBS)
%C%_test_provider_paths_LDADD = libsandbox.a $(CMOCKA_LIBS)
%C%_test_signature_LDADD = libsandbox.a $(CMOCKA_LIBS) $(CRYPTO_LIBS)
# The header is shared by the C tests.
EXTRA_DIST += %D%/check.h %D%/conftest.py %D%/paystack_calls.py %D%/test_lists.py %D%/test_paystack.py \
    %D%/test_paystack_disputes.py %D%/test_paystack_page.py %D%/test_paystack_refunds.py \
    %D%/test_paystack_webhooks.py %D%/test_sandbox.py %D%/test_state_file.py %D%/test_stripe_disputes.py \
    %D%/test_unkind.py
