noinst_LIBRARIES += libdomain.a
libdomain_a_SOURCES = %D%/books.c %D%/currency.c %D%/dispute.c %D%/domain_event.c \
    %D%/ids.c %D%/money.c %D%/moment.c %D%/order.c %D%/payment.c %D%/refund.c
