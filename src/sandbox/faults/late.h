/*
 * late.h - requests that are carried out long after their client gave up.
 *
 * Thread-safe. A request is kept with everything it needs until its time has come.
 */
#ifndef PAYAPI_SANDBOX_FAULTS_LATE_H
#define PAYAPI_SANDBOX_FAULTS_LATE_H

#include <stddef.h>
#include <stdint.h>

struct http_request;

/* The same members as http_request, owned. */
struct late_request {
    char  *method, *path, *query, *body, *authorization, *idempotency_key, *api_version;
    size_t body_bytes;
};

struct late;

struct late *late_new(void);
void late_free(struct late *late);
void late_clear(struct late *late);

/* at_s: sandbox time. */
void late_keep(struct late *late, const struct http_request *request, int64_t at_s);

/* The first one that is due, now the caller's; NULL when none is. */
struct late_request *late_take(struct late *late, int64_t now_s);
void late_request_free(struct late_request *request);

#endif
