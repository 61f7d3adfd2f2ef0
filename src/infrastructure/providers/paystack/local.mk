# Paystack's adapter.
libinfrastructure_a_SOURCES += \
    %D%/paystack.c %D%/paystack_parts.h \
    %D%/paystack_requests.c %D%/paystack_replies.c %D%/paystack_refunds.c \
    %D%/paystack_signature.c %D%/paystack_events.c \
    %D%/paystack_documents.c %D%/paystack_documents.h \
    %D%/paystack_currency.c %D%/paystack_currency.h \
    %D%/paystack_disputes.c %D%/paystack_adopt.c %D%/paystack_event_list.c %D%/paystack_book.c
