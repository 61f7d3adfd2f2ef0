/*
 * jobs_gauges.h - what payapi-jobs measures for the operator: what waits in the database, and which
 * circuits are open. A scrape of the metrics then needs no database (docs/metrics.md).
 */
#ifndef PAYAPI_INFRASTRUCTURE_JOBS_JOBS_GAUGES_H
#define PAYAPI_INFRASTRUCTURE_JOBS_JOBS_GAUGES_H

#include "application/ctx.h"

const struct problem *jobs_measure(struct ctx *ctx);

#endif
