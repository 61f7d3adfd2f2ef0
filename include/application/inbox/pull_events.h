/*
 * pull_events.h - reads a provider's own list for events whose webhook never came.
 *
 * Each event is stored and applied as if it had been delivered (the same row of the inbox, so
 * nothing happens twice). It needs no signature, because we read it over our own connection to the
 * provider. The newest events come first, so the cursor moves only when a sweep is complete; the
 * place of the next page is saved, and a crash repeats one page at most. A list of objects instead
 * of events (lists_what_was_made) is also read far back once a day: money may come to a page that
 * was closed days ago, and a dispute ends long after it was opened. Source: docs/facts.md section
 * 4, docs.stripe.com/api/events/list (30 days back, 100 at once).
 */
#ifndef PAYAPI_APPLICATION_INBOX_PULL_EVENTS_H
#define PAYAPI_APPLICATION_INBOX_PULL_EVENTS_H

#include "application/store/store_missed.h"

#define PULL_OVERLAP_S          300     /* events may be listed a little late */
#define PULL_OVERLAP_AT_START_S 3600    /* our database may have been restored */
/* for a list of objects: a page lives an hour and is seldom paid later */
#define PULL_OVERLAP_OF_MADE_S  7200
/*
 * For a list of objects, once a day: a page without an expiry is hardly paid after weeks; a dispute
 * stays open for hours or days and is then accepted automatically; a bank returns a refund within
 * some weeks.
 */
#define PULL_DEEP_DAYS          45
#define PULL_DEEP_EVERY_S       86400
#define PULL_PAGES_AT_ONCE      10      /* then other work has its turn */
/* when the provider does not answer; EVENTS_PULL_INTERVAL_S if shorter */
#define PULL_RETRY_S            60

enum pull_result {
    PULL_NOT_DUE,                       /* or somebody else reads it right now */
    PULL_CAUGHT_UP,
    PULL_GOES_ON,                       /* more pages wait */
    PULL_NO_ANSWER
};
const char *pull_result_name(enum pull_result result);

struct pull_report {
    enum pull_result result;
    int              listed;
    int              missed;            /* of those: not received before */
};

/*
 * provider must have write_list_events. now: read even when not due. overlap_s: how far behind the
 * cursor to begin.
 */
const struct problem *pull_events(struct ctx *ctx, const struct provider *provider, bool now,
                                  int overlap_s, struct pull_report *report_out);

#endif
