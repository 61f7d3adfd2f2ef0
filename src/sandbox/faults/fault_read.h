/*
 * fault_read.h - one planned fault, and how the control API describes it.
 */
#ifndef PAYAPI_SANDBOX_FAULTS_FAULT_READ_H
#define PAYAPI_SANDBOX_FAULTS_FAULT_READ_H

#include <jansson.h>

#include "sandbox/http/fault_plan.h"

struct fault {
    char             *method;           /* NULL: any */
    char             *path;             /* fnmatch pattern; NULL: any */
    char             *contains;         /* in the body; NULL: any */
    char             *provider;         /* NULL: any */
    int               is_of_api;        /* a bool: not of payment pages */
    json_int_t        times;            /* left, or TIMES_UNLIMITED */
    json_int_t        hits;
    double            probability;      /* 1: always */
    unsigned short    random[3];
    struct fault_plan plan;
};

/* NULL, with a reason in why_out[size_bytes], when the description is not valid. */
struct fault *fault_read(const json_t *description, char *why_out, size_t size_bytes);
void fault_free(struct fault *fault);

/* Its name in the control API: the action, else the first distortion, else "none". */
const char *fault_plan_name(const struct fault_plan *plan);

#endif
