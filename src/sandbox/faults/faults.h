/*
 * faults.h - scripted faults: which request shall meet which mishap, and how often.
 *
 * A test adds faults by the control API; every request of the played API takes its plan here.
 * Thread-safe. The plan is a plain value.
 */
#ifndef SANDBOX_FAULTS_H
#define SANDBOX_FAULTS_H

#include "moods.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAULT_HEADERS_MAX 4
#define FAULTS_MAX        1000

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
    FAULT_HTML,                 /* a page of some proxy in between */
    FAULT_HUGE,                 /* 10 MB of JSON */
    FAULT_WRONG_AMOUNT,
    FAULT_WRONG_CURRENCY,
    FAULT_LATE,                 /* no answer, or a gateway's; carried out after late_s */
};

/* What is wrong in an answer that is otherwise right. Any of them may come together. */
enum fault_distortion {
    FAULT_STALE    = 1 << 0,    /* a read as it was before the success */
    FAULT_NO_NOTE  = 1 << 1,    /* a refund without what we wrote on it */
    FAULT_ODD_TEXT = 1 << 2,    /* in every free text: NUL, lone surrogates, ... */
    FAULT_NULLS    = 1 << 3,    /* wherever the documents allow them */
    FAULT_LAG      = 1 << 4,    /* a list without its newest items */
    FAULT_SHIFT    = 1 << 5,    /* a later page that is moved on */
};

/* The method by which faults match events, before they are signed; their path is the type. */
#define FAULT_METHOD_EVENT "EVENT"

/* What one request has to expect. */
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

struct faults;
struct http_request;

struct faults *faults_new(void);
void faults_free(struct faults *faults);

/* Adds the fault described by the JSON object. False with a reason in why_out[size_bytes]. */
bool faults_add(struct faults *faults, const json_t *description, char *why_out,
                size_t size_bytes);

/* The moods too. */
void faults_clear(struct faults *faults);

/* Borrowed. */
struct moods *faults_moods(struct faults *faults);

/* The faults still to come, as a JSON array with the number of hits of each. */
json_t *faults_list(struct faults *faults);

/* The plan for this request; each fault that strikes is counted down. */
struct fault_plan faults_take(struct faults *faults, const struct http_request *request);

/* The same for an event that is about to be signed: only its distortions matter. */
struct fault_plan faults_take_event(struct faults *faults, const char *provider, const char *type,
                                    const char *payload);

/* What it is called in the control API: the action, else the first distortion, else "none". */
const char *fault_plan_name(const struct fault_plan *plan);

#endif
