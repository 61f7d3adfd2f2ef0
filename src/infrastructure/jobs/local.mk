# The loop of payapi-jobs.
libinfrastructure_a_SOURCES += %D%/jobs_gauges.c %D%/jobs_gauges.h %D%/jobs_loop.c %D%/jobs_loop.h \
    %D%/jobs_periodic.c %D%/jobs_periodic.h %D%/jobs_runner.c %D%/jobs_runner.h
