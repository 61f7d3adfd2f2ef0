# The transport: a master, its workers, and their requests.
libinfrastructure_a_SOURCES += \
    %D%/arrival.c %D%/arrival.h %D%/backoff.c %D%/backoff.h %D%/body.c %D%/body.h \
    %D%/master.c %D%/master.h \
    %D%/old_workers.c %D%/old_workers.h %D%/process.c %D%/process.h %D%/reload.c \
    %D%/reload.h %D%/worker_loop.c %D%/worker_loop.h %D%/worker_status.c %D%/worker_status.h
