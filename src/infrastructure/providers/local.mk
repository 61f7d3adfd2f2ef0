# Payment providers, and the HTTP client they call with.
libinfrastructure_a_CPPFLAGS += $(CURL_CFLAGS) $(JANSSON_CFLAGS) $(CRYPTO_CFLAGS)
libinfrastructure_a_SOURCES += \
    src/infrastructure/http_client/form.c src/infrastructure/http_client/form.h \
    src/infrastructure/http_client/http_client.c src/infrastructure/http_client/http_client.h \
    %D%/adapters.h %D%/breaker.c %D%/breaker.h %D%/providers.c %D%/providers.h \
    %D%/shared/documents.c %D%/shared/documents.h \
    %D%/shared/foreign_json.c %D%/shared/foreign_json.h %D%/shared/replies.c %D%/shared/replies.h \
    %D%/shared/calls.c %D%/shared/calls.h %D%/shared/settings.c %D%/shared/settings.h \
    %D%/shared/refunds.c %D%/shared/refunds.h \
    %D%/shared/amounts.c %D%/shared/amounts.h

# The adapters: one folder for each row of include/application/providers.def.
include src/infrastructure/providers/stripe/local.mk
include src/infrastructure/providers/paystack/local.mk
