# The programs: each main wires the parts and nothing else.
sbin_PROGRAMS += payapi-worker
payapi_worker_SOURCES = %D%/worker.c

bin_PROGRAMS += payapi-sandbox
payapi_sandbox_SOURCES = %D%/sandbox.c
payapi_sandbox_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS)
payapi_sandbox_LDADD = libsandbox.a $(MICROHTTPD_LIBS) $(JANSSON_LIBS) $(CURL_LIBS) $(CRYPTO_LIBS)
