/*
 * webhooks.h - events on their way to the application: order, retries, and scripted faults.
 *
 * Messages with the same order key are delivered in the order they were added: each one waits until
 * the one before it was received or given up. Different keys do not wait for each other.
 * Thread-safe. webhook_sender.h has the threads that send.
 */
#ifndef PAYAPI_SANDBOX_WEBHOOKS_WEBHOOKS_H
#define PAYAPI_SANDBOX_WEBHOOKS_WEBHOOKS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "sandbox/kit/state.h"
#include "sandbox/kit/strbuf.h"

#define WEBHOOK_ATTEMPTS_MAX   10
#define WEBHOOK_BACKOFF_MS     500      /* 0.5, 1, 2, 4, 8, 8 ... seconds */
#define WEBHOOK_BACKOFF_MS_MAX 8000
#define WEBHOOK_SHUFFLE_MS     200      /* shuffled events spread over this time */

/* Writes the complete signature header line for a new attempt. */
typedef void webhook_sign(const char *secret, const char *body, size_t body_bytes,
                          struct strbuf *header_out);

/* What differs between the providers. */
struct webhook_dialect {
    const char   *provider;             /* "stripe" */
    webhook_sign *sign;
    int           received_max;         /* statuses from 200 to this one mean "received" */
};

struct webhooks;

/* One attempt to make; give it back with webhooks_report. */
struct webhook_job {
    struct webhook_lane    *lane;
    struct webhook_message *message;
    int                     attempt;            /* of this copy, from 1 */
    char                   *url, *secret;       /* owned by the job */
    const char             *id, *type, *payload;/* live until the report */
};

/* The dialect is borrowed for good. */
struct webhooks *webhooks_new(const char *url, const char *secret,
                              const struct webhook_dialect *dialect);
void webhooks_free(struct webhooks *webhooks);

/* Takes over payload (malloc'ed JSON text) and delivers it as the settings say. */
void webhooks_add(struct webhooks *webhooks, const char *id, const char *type,
                  const char *order_key, char *payload);

/* Whether any attempt was received. False for an unknown id. */
bool webhooks_is_delivered(struct webhooks *webhooks, const char *id);

/* Changes what the object names. False with a reason in why_out[size_bytes]. */
bool webhooks_configure(struct webhooks *webhooks, const json_t *settings, char *why_out,
                        size_t size_bytes);

/* Sends the held messages, shuffled if so set; returns how many there were. */
size_t webhooks_flush(struct webhooks *webhooks);

/* Sends it once more. False for an unknown id. */
bool webhooks_resend(struct webhooks *webhooks, const char *id);

/* What is under way, and every message so far. */
struct webhook_state {
    json_int_t pending, held;
    json_t    *deliveries;                      /* an array, in creation order */
};

/* Adds to the state. */
void webhooks_describe(struct webhooks *webhooks, struct webhook_state *state);

/* Grows with each message and each attempt. */
unsigned long long webhooks_changes(struct webhooks *webhooks);

/* All messages. New. */
json_t *webhooks_write(struct webhooks *webhooks);

/* Reads them back; queues again those not yet delivered, given up or dropped. */
bool webhooks_read(struct webhooks *webhooks, const json_t *messages,
                   struct state_reader *reader);

/* Forgets all messages, and all settings. */
void webhooks_reset(struct webhooks *webhooks);

/* Waits for the next attempt that is due. False when webhooks_stop was called. */
bool webhooks_take(struct webhooks *webhooks, struct webhook_job *job_out);

/* status: HTTP status, 0 when there was no answer. Releases the job. */
void webhooks_report(struct webhooks *webhooks, struct webhook_job *job, int status);
void webhooks_sign(const struct webhooks *webhooks, const struct webhook_job *job,
                   struct strbuf *header_out);

void webhooks_stop(struct webhooks *webhooks);

#endif
