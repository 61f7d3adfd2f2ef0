/*
 * pull_events.h - events whose webhook never came, from the provider's own list.
 *
 * Each is stored and applied as if it had been delivered (the same row of the inbox, so nothing
 * happens twice); what stands for the signature is the channel, which is ours to the provider.
 * Newest events come first, so the cursor moves when a reading is through; where its next page
 * begins is kept, and a crash repeats one page at most. A list of objects instead of events
 * (lists_what_was_made) is read once a day far back as well: money may come to a page that was
 * closed days ago, a dispute ends long after it was opened. Source: docs/facts.md section 4,
 * docs.stripe.com/api/events/list (30 days back, 100 at once).
 */
#ifndef PAYAPI_APPLICATION_INBOX_PULL_EVENTS_H
#define PAYAPI_APPLICATION_INBOX_PULL_EVENTS_H

#include "application/store/store_missed.h"

#define PULL_OVERLAP_S          300     /* events may be listed a little late */
#define PULL_OVERLAP_AT_START_S 3600    /* our database may have been restored */
/* of objects: a page lives an hour, and is paid by then or seldom */
#define PULL_OVERLAP_OF_MADE_S  7200
/*
 * Of objects, once a day: a page without an end of its own is hardly paid after weeks; a dispute
 * stays open for hours or days, and then is accepted by itself; a bank returns a refund within some
 * weeks.
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
    int              missed;            /* of them: had not come before */
};

/*
 * provider has write_list_events. now: whether or not it is due. overlap_s: how far behind the
 * cursor.
 */
const struct problem *pull_events(struct ctx *ctx, const struct provider *provider, bool now,
                                  int overlap_s, struct pull_report *report_out);

#endif
