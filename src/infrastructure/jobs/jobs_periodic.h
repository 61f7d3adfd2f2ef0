/* jobs_periodic.h - the timetable of payapi-jobs: what is done every so often. */
#ifndef PAYAPI_INFRASTRUCTURE_JOBS_JOBS_PERIODIC_H
#define PAYAPI_INFRASTRUCTURE_JOBS_JOBS_PERIODIC_H

#include "infrastructure/jobs/jobs_runner.h"

/* Runs the jobs of the timetable that are due. */
void jobs_run_periodic(struct runner *runner);

#endif
