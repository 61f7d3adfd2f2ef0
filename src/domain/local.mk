noinst_LIBRARIES += libdomain.a
libdomain_a_SOURCES = %D%/api_key.c %D%/books.c %D%/currency.c %D%/delivery.c %D%/dispute.c \
    %D%/domain_event.c %D%/ids.c %D%/money.c %D%/moment.c %D%/network.c %D%/order.c %D%/payment.c %D%/refund.c \
    %D%/scope.c %D%/webhook_endpoint.c
