/*
 * rejections.h - counts webhooks whose signature does not fit, and reports them once a minute.
 *
 * Anybody who knows an endpoint's address can send as many as they like. A single one therefore
 * costs no row and no commit: it is counted, by provider and by cause, in memory that all workers
 * of a pool share, and only the first of its kind is logged. Once a minute a worker takes the sums
 * out and writes each as one row of the audit log and one log line (tell_rejections).
 *
 * Senders are counted too. A sender of REJECTIONS_HOLD_AFTER bad webhooks within a minute is held
 * back for the rest of it, and no signature is computed for it. A sender whose signature fitted is
 * known for a day and never held back: it is a provider's address, or one that a provider shares
 * with strangers.
 *
 * No locks: the sums lose nothing; concurrent workers may lose one of a sender's counts. All zero
 * is a valid initial state.
 */
#ifndef PAYAPI_APPLICATION_INBOX_REJECTIONS_H
#define PAYAPI_APPLICATION_INBOX_REJECTIONS_H

#include <stdatomic.h>

#include "application/ctx.h"
#include "application/provider.h"

#define REJECTIONS_TELL_MS       60000
#define REJECTIONS_WINDOW_MS     60000
#define REJECTIONS_HOLD_AFTER    20
#define REJECTIONS_KNOWN_MS      86400000
#define REJECTIONS_SENDERS_BITS  12             /* remembers 4096 senders */

struct rejections {
    _Atomic int64_t since_ms;                   /* of the first not yet reported; 0: none */
    struct rejection_sum {
        _Atomic int64_t count;
        _Atomic int64_t body_bytes;
    } sums[PROVIDERS_MAX][SIGNATURE_VERDICTS];
    struct rejected_sender {
        _Atomic uint64_t network;               /* who; 0: nobody */
        _Atomic int64_t  begin_ms;              /* of the minute whose failures are counted */
        _Atomic int64_t  failures;
        _Atomic int64_t  known_until_ms;
    } senders[1 << REJECTIONS_SENDERS_BITS];
};

/* The sums to report. count 0: nothing of that kind came. */
struct rejection_report {
    int64_t since_ms;
    struct {
        int64_t count;
        int64_t body_bytes;
    } sums[PROVIDERS_MAX][SIGNATURE_VERDICTS];
};

/*
 * Counts a bad signature of the sender, or marks the sender as known. network: an IPv4 address, or
 * the upper half of an IPv6 address, because a host can choose the whole lower half. 0 (unknown) is
 * never held back.
 */
void rejections_note_sender(struct rejections *rejections, uint64_t network, bool fits,
                            int64_t now_ms);
/* For how many seconds this sender's webhooks go unread; 0: read them. */
MUST_CHECK int rejections_hold_s(const struct rejections *rejections, uint64_t network,
                                 int64_t now_ms);

/*
 * Counts one more; at: the provider's index in ctx->providers. True: the first of its kind since
 * the last report.
 */
bool rejections_count(struct rejections *rejections, int at, enum signature_verdict verdict,
                      size_t body_bytes, int64_t now_ms);
/*
 * Takes all sums out when a minute is over, or now when at_once. False: there is nothing to report,
 * or another worker reports it.
 */
MUST_CHECK bool rejections_take(struct rejections *rejections, bool at_once, int64_t now_ms,
                                struct rejection_report *report_out);
/* Puts back sums that could not be reported; they are reported a minute later. */
void rejections_put_back(struct rejections *rejections, const struct rejection_report *report,
                         int64_t now_ms);

#endif
