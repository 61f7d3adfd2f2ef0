/*
 * process_inbox.h - the events that could not be applied when they came.
 */
#ifndef PAYAPI_APPLICATION_INBOX_PROCESS_INBOX_H
#define PAYAPI_APPLICATION_INBOX_PROCESS_INBOX_H

#include "application/commands.h"
#include "application/store/store_jobs.h"

#define WEBHOOK_ATTEMPTS_MAX    10
#define WEBHOOK_ADOPT_FROM      2  /* attempts: at first our own transaction may just be slow */

/*
 * One more try for a claimed event, as receive_webhook applies it; when its payment must be asked
 * about first, that is done, and when it names none that we have, its payment is adopted
 * (adopt_payment.h) or the event is ignored as somebody else's. What still cannot be applied is due
 * again after an exponential back-off with full jitter, about a day in all; then it is dead, with
 * an alert.
 */
const struct problem *process_inbox(struct ctx *ctx, const struct due_event *due,
                                    enum webhook_outcome *outcome_out);

/* The longest wait after that attempt. */
int64_t inbox_delay_max_ms(int attempts);

#endif
