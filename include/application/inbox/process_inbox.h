/*
 * process_inbox.h - retries events that could not be applied when they came.
 */
#ifndef PAYAPI_APPLICATION_INBOX_PROCESS_INBOX_H
#define PAYAPI_APPLICATION_INBOX_PROCESS_INBOX_H

#include "application/commands.h"
#include "application/store/store_jobs.h"

#define WEBHOOK_ATTEMPTS_MAX    10
#define WEBHOOK_ADOPT_FROM      2  /* attempts: at first our own transaction may just be slow */

/*
 * Tries a claimed event once more, as receive_webhook would. If its payment must be asked about
 * first, asks the provider; if we have no such payment, adopts it (adopt_payment.h) or ignores the
 * event as somebody else's. An event that still cannot be applied is retried after an exponential
 * back-off with full jitter, for about a day in all; then it is dead, with an alert.
 */
const struct problem *process_inbox(struct ctx *ctx, const struct due_event *due,
                                    enum webhook_outcome *outcome_out);

/* The longest wait after that attempt, in milliseconds. */
int64_t inbox_delay_max_ms(int attempts);

#endif
