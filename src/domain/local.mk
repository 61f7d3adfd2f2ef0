noinst_LIBRARIES += libdomain.a
libdomain_a_SOURCES = %D%/books.c %D%/currency.c %D%/dispute.c %D%/event.c %D%/ids.c %D%/money.c \
    %D%/moment.c %D%/order.c %D%/payment.c %D%/refund.c
