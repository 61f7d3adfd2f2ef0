# Stripe's adapter.
libinfrastructure_a_SOURCES += \
    %D%/stripe.c %D%/stripe_parts.h \
    %D%/stripe_requests.c %D%/stripe_replies.c %D%/stripe_refunds.c \
    %D%/stripe_signature.c %D%/stripe_events.c \
    %D%/stripe_documents.c %D%/stripe_documents.h \
    %D%/stripe_currency.c %D%/stripe_currency.h \
    %D%/stripe_disputes.c %D%/stripe_adopt.c %D%/stripe_event_list.c %D%/stripe_book.c
