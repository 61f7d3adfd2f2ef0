# Tests of the master: its parts, and itself with real processes.
check_PROGRAMS += %D%/test_master %D%/test_master_parts
%C%_test_master_LDADD = libinfrastructure.a libbase.a $(CMOCKA_LIBS)
%C%_test_master_parts_LDADD = libinfrastructure.a libbase.a $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_arrival
%C%_test_arrival_LDADD = libinfrastructure.a libbase.a $(FCGI_LIBS) $(CMOCKA_LIBS)
