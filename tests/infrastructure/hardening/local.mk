# Tests of the sandbox: what it forbids, what works in it, and kernels that have less of it.
hardening_libs = libinfrastructure.a libbase.a $(SECCOMP_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += %D%/test_forbidden %D%/test_allowed %D%/test_old_kernels
%C%_test_forbidden_SOURCES = %D%/test_forbidden.c %D%/confined.c %D%/confined.h
%C%_test_forbidden_LDADD = $(hardening_libs)
%C%_test_allowed_SOURCES = %D%/test_allowed.c %D%/confined.c %D%/confined.h
%C%_test_allowed_LDADD = libinfrastructure.a libapplication.a libbase.a $(CURL_LIBS) -lssl $(CRYPTO_LIBS) \
    $(SECCOMP_LIBS) $(CMOCKA_LIBS)
%C%_test_old_kernels_SOURCES = %D%/test_old_kernels.c %D%/confined.c %D%/confined.h
%C%_test_old_kernels_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=syscall
%C%_test_old_kernels_LDADD = $(hardening_libs)
