/*
 * faults.h - scripted faults: which request meets which fault, and how often.
 *
 * A test adds faults through the control API; each request to the played API takes its plan here.
 * Thread-safe. The plan is a plain value.
 */
#ifndef PAYAPI_SANDBOX_FAULTS_FAULTS_H
#define PAYAPI_SANDBOX_FAULTS_FAULTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "moods.h"
#include "sandbox/http/fault_plan.h"

#define FAULTS_MAX 1000

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

#endif
