# Tests of the settings.
check_PROGRAMS += %D%/test_config
%C%_test_config_LDADD = libinfrastructure.a libapplication.a libbase.a $(CMOCKA_LIBS)
