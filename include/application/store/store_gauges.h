/*
 * store_gauges.h - what waits in the database, for the operator's metrics (see store.h for wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_GAUGES_H
#define PAYAPI_APPLICATION_STORE_STORE_GAUGES_H

#include "application/ctx.h"

struct gauge {
    const char *name;                   /* of a metric, without "payapi_" */
    const char *label;                  /* the value of its label; "": it has none */
    int64_t     value;
};

/* All of them, in the arena. Each is read from an index, and costs little however much there is. */
const struct problem *store_gauges(struct ctx *ctx, struct gauge **gauges_out, int *count_out);
                                                                                /* wait */

#endif
