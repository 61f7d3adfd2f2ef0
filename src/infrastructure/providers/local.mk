# Payment providers, and the HTTP client they call with.
libinfrastructure_a_CPPFLAGS += $(CURL_CFLAGS) $(JANSSON_CFLAGS) $(CRYPTO_CFLAGS)
libinfrastructure_a_SOURCES += \
    src/infrastructure/http_client/form.c src/infrastructure/http_client/form.h \
    src/infrastructure/http_client/http_client.c src/infrastructure/http_client/http_client.h
