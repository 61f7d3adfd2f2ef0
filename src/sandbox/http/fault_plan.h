/*
 * fault_plan.h - what goes wrong with one exchange: a plain value, returned by faults_take.
 */
#ifndef PAYAPI_SANDBOX_HTTP_FAULT_PLAN_H
#define PAYAPI_SANDBOX_HTTP_FAULT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAULT_HEADERS_MAX 4

enum fault_action {
    FAULT_NONE,
    FAULT_LATENCY,              /* only slower */
    FAULT_HANG,                 /* slower by whole seconds */
    FAULT_STATUS,               /* an error answer of the provider */
    FAULT_LOSE_ANSWER,          /* work done, connection closed without a byte */
    FAULT_RESET,                /* TCP reset, nothing done */
    FAULT_CUT_HEADERS,
    FAULT_CUT_BODY,
    FAULT_MALFORMED,            /* 200 with broken JSON */
    FAULT_HTML,                 /* a page from some proxy in between */
    FAULT_HUGE,                 /* 10 MB of JSON */
    FAULT_WRONG_AMOUNT,
    FAULT_WRONG_CURRENCY,
    FAULT_LATE,                 /* no answer, or a gateway's; carried out after late_s */
};

/* What is wrong in an otherwise correct answer. They can be combined. */
enum fault_distortion {
    FAULT_STALE    = 1 << 0,    /* a read as it was before the success */
    FAULT_NO_NOTE  = 1 << 1,    /* a refund without what we wrote on it */
    FAULT_ODD_TEXT = 1 << 2,    /* in every free text: NUL, lone surrogates, ... */
    FAULT_NULLS    = 1 << 3,    /* wherever the documents allow them */
    FAULT_LAG      = 1 << 4,    /* a list without its newest items */
    FAULT_SHIFT    = 1 << 5,    /* a later page of a list that is shifted */
};

/* The method that faults match events by, before they are signed; an event's path is its type. */
#define FAULT_METHOD_EVENT "EVENT"

/* What happens to one request. */
struct fault_plan {
    enum fault_action action;
    bool              after_work;
    int64_t           before_ms;        /* sleep before the work */
    int64_t           after_ms;         /* sleep after it */
    int               status;
    unsigned          distortions;      /* of enum fault_distortion */
    int               shift;            /* -1: the last item again; 1: one is left out */
    int64_t           lag_s, late_s;    /* sandbox time */
    char              text[12];         /* which odd text: "nul", "all"; "" = all */
    char              type[32];         /* of the error object; "" = by status */
    char              code[64];         /* "" = none */
    char              message[200];     /* "" = by status */
    struct { char name[40]; char value[100]; } headers[FAULT_HEADERS_MAX];
    size_t            header_count;
};

#endif
