# The programs: each main wires the parts and nothing else.
sbin_PROGRAMS += payapi-worker
payapi_worker_SOURCES = %D%/worker.c %D%/parts.c %D%/parts.h
dist_man_MANS += man/payapi-worker.8
# Listed twice, because infrastructure calls the use cases and they call its store and answers.
payapi_worker_LDADD = libinfrastructure.a libapplication.a libinfrastructure.a libapplication.a \
    libdomain.a libbase.a \
    $(FCGI_LIBS) $(LIBJWT_LIBS) $(LIBPQ_LIBS) $(CURL_LIBS) $(JANSSON_LIBS) $(CRYPTO_LIBS) $(SECCOMP_LIBS)

sbin_PROGRAMS += payapi-jobs
payapi_jobs_SOURCES = %D%/jobs.c %D%/parts.c %D%/parts.h
payapi_jobs_LDADD = libinfrastructure.a libapplication.a libinfrastructure.a libapplication.a \
    libdomain.a libbase.a $(LIBPQ_LIBS) $(CURL_LIBS) $(JANSSON_LIBS) $(CRYPTO_LIBS) $(SECCOMP_LIBS)
dist_man_MANS += man/payapi-jobs.8

sbin_PROGRAMS += payapi-stream
payapi_stream_SOURCES = %D%/stream.c %D%/parts.c %D%/parts.h
payapi_stream_LDADD = libinfrastructure.a libapplication.a libinfrastructure.a libapplication.a \
    libdomain.a libbase.a $(MICROHTTPD_LIBS) $(LIBPQ_LIBS) $(CURL_LIBS) $(JANSSON_LIBS) \
    $(CRYPTO_LIBS) $(SECCOMP_LIBS)
dist_man_MANS += man/payapi-stream.8

sbin_PROGRAMS += payapi-deliver
payapi_deliver_SOURCES = %D%/deliver.c %D%/parts.c %D%/parts.h
payapi_deliver_LDADD = libinfrastructure.a libapplication.a libinfrastructure.a libapplication.a \
    libdomain.a libbase.a $(LIBPQ_LIBS) $(CURL_LIBS) $(JANSSON_LIBS) $(CRYPTO_LIBS) $(SECCOMP_LIBS)
dist_man_MANS += man/payapi-deliver.8

bin_PROGRAMS += payapi-sandbox
payapi_sandbox_SOURCES = %D%/sandbox.c
payapi_sandbox_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS)
payapi_sandbox_LDADD = libsandbox.a libbase.a $(MICROHTTPD_LIBS) $(JANSSON_LIBS) $(CURL_LIBS) $(CRYPTO_LIBS)
dist_man_MANS += man/payapi-sandbox.8

bin_PROGRAMS += payapi-admin
payapi_admin_SOURCES = %D%/admin.c
payapi_admin_CPPFLAGS = $(AM_CPPFLAGS) -DSQL_FOLDER='"$(pkgdatadir)/sql"'
payapi_admin_LDADD = libinfrastructure.a libapplication.a libinfrastructure.a libapplication.a \
    libdomain.a libbase.a \
    $(LIBJWT_LIBS) $(LIBPQ_LIBS) $(CURL_LIBS) $(JANSSON_LIBS) $(CRYPTO_LIBS)
dist_man_MANS += man/payapi-admin.1
