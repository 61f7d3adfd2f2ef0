# Our signatures, for the official verifiers of Standard Webhooks (./dev test verifiers).
EXTRA_PROGRAMS += %D%/sign_webhook
%C%_sign_webhook_LDADD = libinfrastructure.a libdomain.a libbase.a $(CRYPTO_LIBS)
CLEANFILES += %D%/sign_webhook
EXTRA_DIST += %D%/verify.cjs
