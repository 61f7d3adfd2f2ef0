# The live status of payments: tickets, the hand-over from a worker, and the loop of payapi-stream.
# live_server.c is the only code here that uses libmicrohttpd.
libinfrastructure_a_CPPFLAGS += $(MICROHTTPD_CFLAGS)
libinfrastructure_a_SOURCES += \
    %D%/frame.c %D%/frame.h %D%/handover.c %D%/handover.h \
    %D%/live_loop.c %D%/live_loop.h %D%/live_server.c %D%/live_server.h \
    %D%/live_ticket.c %D%/live_ticket.h %D%/viewers.c %D%/viewers.h
