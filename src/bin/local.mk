# The programs: each main wires the parts and nothing else.
sbin_PROGRAMS += payapi-worker
payapi_worker_SOURCES = %D%/worker.c
