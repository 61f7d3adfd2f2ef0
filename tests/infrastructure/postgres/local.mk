# The store on a real PostgreSQL. The schema is deployed once, into a tar; each program starts a
# server of its own on a copy of it (tests/support/pg_cluster.sh).
EXTRA_DIST += tests/support/pg_cluster.sh
check_DATA += %D%/template.tar
CLEANFILES += %D%/template.tar

%D%/template.tar: tests/support/pg_cluster.sh $(SQL_PROJECT)
	$(AM_V_GEN)$(MKDIR_P) %D% && \
	    $(SHELL) $(abs_top_srcdir)/tests/support/pg_cluster.sh template $(abs_builddir)/$@

STORE_TEST_LIBS = %D%/libstoretest.a libinfrastructure.a libapplication.a libdomain.a libbase.a \
    $(LIBPQ_LIBS) $(CMOCKA_LIBS)
STORE_TEST_CPPFLAGS = $(AM_CPPFLAGS) $(LIBPQ_CFLAGS) \
    -DTEST_SUPPORT='"$(abs_top_srcdir)/tests/support"' \
    -DTEST_TEMPLATE='"$(abs_top_builddir)/%D%/template.tar"'

check_LIBRARIES += %D%/libstoretest.a
%C%_libstoretest_a_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
%C%_libstoretest_a_SOURCES = %D%/store_world.c %D%/store_world.h \
    %D%/cutting_proxy.c %D%/cutting_proxy.h

check_PROGRAMS += %D%/test_store_keys %D%/test_store_orders %D%/test_store_payments \
    %D%/test_store_calls %D%/test_store_inbox %D%/test_store_history %D%/test_store_failures \
    %D%/test_store_derivation %D%/test_store_checkout \
    %D%/test_store_refusals
%C%_test_store_keys_LDADD = $(STORE_TEST_LIBS)
%C%_test_store_orders_LDADD = $(STORE_TEST_LIBS)
%C%_test_store_payments_LDADD = $(STORE_TEST_LIBS)
%C%_test_store_calls_LDADD = $(STORE_TEST_LIBS)
%C%_test_store_inbox_LDADD = $(STORE_TEST_LIBS)
%C%_test_store_history_CPPFLAGS = $(AM_CPPFLAGS) $(LIBPQ_CFLAGS)
%C%_test_store_history_LDADD = $(STORE_TEST_LIBS)
%C%_test_store_refusals_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
%C%_test_store_failures_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
%C%_test_store_failures_LDADD = $(STORE_TEST_LIBS)
%C%_test_store_derivation_LDADD = $(STORE_TEST_LIBS)
%C%_test_store_checkout_LDADD = $(STORE_TEST_LIBS)
%C%_test_store_refusals_LDADD = $(STORE_TEST_LIBS)

# These run whole use cases on PostgreSQL.
HISTORY_TEST_LIBS = %D%/libstoretest.a libinfrastructure.a libapplication.a libinfrastructure.a \
    libapplication.a libdomain.a libbase.a $(LIBPQ_LIBS) $(JANSSON_LIBS) $(CRYPTO_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += %D%/test_store_movements %D%/test_store_audit %D%/test_store_timeline
%C%_test_store_movements_LDADD = $(HISTORY_TEST_LIBS)
%C%_test_store_audit_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=store_audit_leaves
%C%_test_store_audit_LDADD = $(HISTORY_TEST_LIBS)
%C%_test_store_timeline_LDADD = $(HISTORY_TEST_LIBS)

check_PROGRAMS += %D%/test_store_refunds
%C%_test_store_refunds_CPPFLAGS = $(AM_CPPFLAGS) \
    -DTEST_INVARIANTS='"$(abs_top_srcdir)/sql/invariants"'
%C%_test_store_refunds_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += %D%/test_store_jobs
%C%_test_store_jobs_CPPFLAGS = $(AM_CPPFLAGS) $(LIBPQ_CFLAGS)
%C%_test_store_jobs_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += %D%/test_store_files
%C%_test_store_files_LDADD = libinfrastructure.a libapplication.a libdomain.a libbase.a \
    $(LIBPQ_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_store_disputes
# Use cases too, whose history asks the API for resources as JSON.
%C%_test_store_disputes_LDADD = %D%/libstoretest.a libinfrastructure.a libapplication.a libinfrastructure.a \
    libdomain.a libbase.a $(LIBPQ_LIBS) $(JANSSON_LIBS) $(CRYPTO_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/test_store_missed
%C%_test_store_missed_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += %D%/test_store_reconcile
%C%_test_store_reconcile_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += %D%/test_store_plans
%C%_test_store_plans_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
%C%_test_store_plans_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += %D%/test_store_prepared
%C%_test_store_prepared_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
%C%_test_store_prepared_LDADD = $(STORE_TEST_LIBS)
check_PROGRAMS += %D%/test_store_lists
%C%_test_store_lists_CPPFLAGS = $(STORE_TEST_CPPFLAGS)
%C%_test_store_lists_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += %D%/test_store_hold
%C%_test_store_hold_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += %D%/test_store_api_keys
%C%_test_store_api_keys_LDADD = $(STORE_TEST_LIBS)

check_PROGRAMS += %D%/test_store_live
%C%_test_store_live_LDADD = $(STORE_TEST_LIBS)
