# Payment providers, and the HTTP client they call with.
libinfrastructure_a_CPPFLAGS += $(CURL_CFLAGS) $(JANSSON_CFLAGS) $(CRYPTO_CFLAGS)
libinfrastructure_a_SOURCES += \
    src/infrastructure/http_client/form.c src/infrastructure/http_client/form.h \
    src/infrastructure/http_client/http_client.c src/infrastructure/http_client/http_client.h \
    %D%/breaker.c %D%/breaker.h %D%/providers.c %D%/providers.h \
    %D%/stripe/stripe.c %D%/stripe/stripe.h %D%/stripe/stripe_parts.h \
    %D%/stripe/stripe_requests.c %D%/stripe/stripe_calls.c %D%/stripe/stripe_replies.c %D%/stripe/stripe_refunds.c \
    %D%/stripe/stripe_signature.c %D%/stripe/stripe_events.c \
    %D%/stripe/stripe_documents.c %D%/stripe/stripe_documents.h \
    %D%/stripe/stripe_currency.c %D%/stripe/stripe_currency.h \
    %D%/stripe/stripe_disputes.c \
    %D%/stripe/stripe_adopt.c %D%/stripe/stripe_event_list.c %D%/stripe/stripe_book.c \
    %D%/shared/documents.c %D%/shared/documents.h \
    %D%/shared/foreign_json.c %D%/shared/foreign_json.h %D%/shared/replies.c %D%/shared/replies.h \
    %D%/shared/calls.c %D%/shared/calls.h %D%/shared/settings.c %D%/shared/settings.h \
    %D%/shared/signatures.c %D%/shared/signatures.h %D%/shared/amounts.c %D%/shared/amounts.h
libinfrastructure_a_SOURCES += \
    %D%/paystack/paystack.c %D%/paystack/paystack.h %D%/paystack/paystack_parts.h \
    %D%/paystack/paystack_requests.c %D%/paystack/paystack_calls.c \
    %D%/paystack/paystack_replies.c %D%/paystack/paystack_refunds.c \
    %D%/paystack/paystack_disputes.c %D%/paystack/paystack_adopt.c %D%/paystack/paystack_event_list.c \
    %D%/paystack/paystack_book.c \
    %D%/paystack/paystack_signature.c %D%/paystack/paystack_events.c \
    %D%/paystack/paystack_documents.c %D%/paystack/paystack_documents.h \
    %D%/paystack/paystack_currency.c %D%/paystack/paystack_currency.h
