# An offline Stripe: independent of payapi's own libraries, since it is the oracle of their tests.
noinst_LIBRARIES += libsandbox.a
libsandbox_a_CPPFLAGS = $(AM_CPPFLAGS) $(MICROHTTPD_CFLAGS) $(JANSSON_CFLAGS) $(CURL_CFLAGS) \
    $(CRYPTO_CFLAGS)
libsandbox_a_SOURCES = \
    %D%/clock.c \
    %D%/clock.h \
    %D%/collection.c \
    %D%/collection.h \
    %D%/form.c \
    %D%/form.h \
    %D%/heap.c \
    %D%/heap.h \
    %D%/memory.c \
    %D%/memory.h \
    %D%/params.c \
    %D%/params.h \
    %D%/table.c \
    %D%/table.h \
    %D%/text.c \
    %D%/text.h \
    %D%/utf8.c \
    %D%/utf8.h
