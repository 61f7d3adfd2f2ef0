# Tests of the master's parts.
check_PROGRAMS += %D%/test_master_parts
%C%_test_master_parts_LDADD = libinfrastructure.a libbase.a $(CMOCKA_LIBS)
