# Tests of the live status: tickets, the hand-over, frames, and who is due what.
LIVE_TEST_LIBS = libinfrastructure.a libapplication.a libdomain.a libbase.a $(CRYPTO_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_handover %D%/test_live_ticket %D%/test_viewers
%C%_test_handover_LDADD = $(LIVE_TEST_LIBS)
%C%_test_live_ticket_LDADD = $(LIVE_TEST_LIBS)
%C%_test_viewers_LDADD = $(LIVE_TEST_LIBS)
