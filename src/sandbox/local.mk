# An offline Stripe: independent of payapi's own libraries, since it is the oracle of their tests.
noinst_LIBRARIES += libsandbox.a
libsandbox_a_CPPFLAGS = $(AM_CPPFLAGS) $(MICROHTTPD_CFLAGS) $(JANSSON_CFLAGS) $(CURL_CFLAGS) \
    $(CRYPTO_CFLAGS)
libsandbox_a_SOURCES = \
    %D%/clock.c \
    %D%/clock.h \
    %D%/collection.c \
    %D%/collection.h \
    %D%/fault_effects.c \
    %D%/fault_effects.h \
    %D%/faults.c \
    %D%/faults.h \
    %D%/form.c \
    %D%/form.h \
    %D%/heap.c \
    %D%/heap.h \
    %D%/http.c \
    %D%/http.h \
    %D%/http_server.c \
    %D%/http_server.h \
    %D%/http_wire.c \
    %D%/http_wire.h \
    %D%/memory.c \
    %D%/memory.h \
    %D%/params.c \
    %D%/params.h \
    %D%/request_log.c \
    %D%/request_log.h \
    %D%/table.c \
    %D%/table.h \
    %D%/text.c \
    %D%/text.h \
    %D%/utf8.c \
    %D%/utf8.h \
    %D%/webhook_lanes.c \
    %D%/webhook_lanes.h \
    %D%/webhook_sender.c \
    %D%/webhook_sender.h \
    %D%/webhooks.c \
    %D%/webhooks.h
