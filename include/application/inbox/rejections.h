/*
 * rejections.h - webhooks whose signature does not fit: counted, and told once a minute.
 *
 * Whoever knows an endpoint's address can send as many as he likes. So a single one costs no row,
 * no commit and no line in the log: it is counted, by provider and by what was wrong, in memory
 * that all workers of a pool share. Once a minute a worker takes the sums out and writes each as
 * one row of the audit log and one line (tell_rejections).
 *
 * Senders are counted too. Whoever sends REJECTIONS_HOLD_AFTER bad ones within a minute is held
 * back for the rest of it, and nothing of his is computed. A sender whose signature fitted is known
 * for a day and never held back: a provider's address, or one that a provider shares with
 * strangers.
 *
 * No locks: the sums lose nothing; of the senders' counts rivals may lose one. All zero is a good
 * start.
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
#define REJECTIONS_SENDERS_BITS  12             /* so many senders are remembered: 4096 */

struct rejections {
    _Atomic int64_t since_ms;                   /* the first that was not told yet; 0: none */
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

/* What is to be told. count 0: nothing of that kind came. */
struct rejection_report {
    int64_t since_ms;
    struct {
        int64_t count;
        int64_t body_bytes;
    } sums[PROVIDERS_MAX][SIGNATURE_VERDICTS];
};

/*
 * network: an address of IPv4, or the upper half of one of IPv6, where a host has the whole lower
 * half to choose from. 0 (unknown) is never held back.
 */
void rejections_note_sender(struct rejections *rejections, uint64_t network, bool fits,
                            int64_t now_ms);
/* For how many seconds nothing of this sender is looked at; 0: go on. */
MUST_CHECK int rejections_hold_s(const struct rejections *rejections, uint64_t network,
                                 int64_t now_ms);

/*
 * One more; at is the provider's place in ctx->providers. True: the first of its kind since it was
 * told.
 */
bool rejections_count(struct rejections *rejections, int at, enum signature_verdict verdict,
                      size_t body_bytes, int64_t now_ms);
/*
 * Takes all sums out when a minute is over, or at once. False: nothing is to be told, or a rival
 * does it.
 */
MUST_CHECK bool rejections_take(struct rejections *rejections, bool at_once, int64_t now_ms,
                                struct rejection_report *report_out);
/* What could not be told now is told a minute later. */
void rejections_put_back(struct rejections *rejections, const struct rejection_report *report,
                         int64_t now_ms);

#endif
