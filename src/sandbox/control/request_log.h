/*
 * request_log.h - the requests received: the last ones in full, and counts since the start.
 *
 * Holds no Authorization header. Thread-safe.
 */
#ifndef PAYAPI_SANDBOX_CONTROL_REQUEST_LOG_H
#define PAYAPI_SANDBOX_CONTROL_REQUEST_LOG_H

#include <stdint.h>

#include "sandbox/http/http.h"

#define REQUEST_LOG_ENTRIES        1000
#define REQUEST_LOG_BODY_BYTES_MAX (16 * 1024)

struct request_log;

struct request_log *request_log_new(void);
void request_log_free(struct request_log *log);
void request_log_clear(struct request_log *log);

/* operation is the path with ids replaced by ":id"; requests are counted by it. */
void request_log_add(struct request_log *log, const struct exchange *exchange,
                     const char *operation, int64_t at_s);

/* The newest first, at most limit of them. */
json_t *request_log_list(struct request_log *log, size_t limit);

/* [{"method":..,"path":..,"count":..}] */
json_t *request_log_counts(struct request_log *log);

#endif
