/* Counts webhooks whose signature does not fit, by cause and by sender. */
#include "application/inbox/rejections.h"

#include <string.h>

/* --- Sums ---------------------------------------------------------------------------------- */

bool rejections_count(struct rejections *rejections, int at, enum signature_verdict verdict,
                      size_t body_bytes, int64_t now_ms)
{
    struct rejection_sum *sum = &rejections->sums[at][verdict];
    int64_t nothing = 0;
    bool first = atomic_fetch_add(&sum->count, 1) == 0;

    atomic_fetch_add(&sum->body_bytes, (int64_t) body_bytes);
    atomic_compare_exchange_strong(&rejections->since_ms, &nothing, now_ms);
    return first;
}

/* A clock that was set back must not delay the report. */
static bool is_due(int64_t since_ms, bool at_once, int64_t now_ms)
{
    int64_t age_ms = now_ms - since_ms;

    return since_ms != 0 && (at_once || age_ms >= REJECTIONS_TELL_MS || age_ms < 0);
}

/* Webhooks counted meanwhile are taken along, or begin a new minute. */
bool rejections_take(struct rejections *rejections, bool at_once, int64_t now_ms,
                     struct rejection_report *report_out)
{
    int64_t since_ms = rejections->since_ms;

    if (!is_due(since_ms, at_once, now_ms)
        || !atomic_compare_exchange_strong(&rejections->since_ms, &since_ms, 0))
        return false;
    report_out->since_ms = since_ms;
    for (int at = 0; at < PROVIDERS_MAX; at++)
        for (int verdict = 0; verdict < SIGNATURE_VERDICTS; verdict++) {
            struct rejection_sum *sum = &rejections->sums[at][verdict];

            report_out->sums[at][verdict].count = atomic_exchange(&sum->count, 0);
            report_out->sums[at][verdict].body_bytes = atomic_exchange(&sum->body_bytes, 0);
        }
    return true;
}

void rejections_put_back(struct rejections *rejections, const struct rejection_report *report,
                         int64_t now_ms)
{
    for (int at = 0; at < PROVIDERS_MAX; at++)
        for (int verdict = 0; verdict < SIGNATURE_VERDICTS; verdict++) {
            struct rejection_sum *sum = &rejections->sums[at][verdict];

            atomic_fetch_add(&sum->count, report->sums[at][verdict].count);
            atomic_fetch_add(&sum->body_bytes, report->sums[at][verdict].body_bytes);
        }
    rejections->since_ms = now_ms;
}

/* --- Senders ------------------------------------------------------------------------------- */

/*
 * A sender's place; the multiplier spreads neighbours (Knuth, The Art of Computer Programming 6.4).
 */
static size_t place_of(uint64_t network)
{
    return (size_t) (network * UINT64_C(0x9e3779b97f4a7c15) >> (64 - REJECTIONS_SENDERS_BITS));
}

static bool is_within(int64_t begin_ms, int64_t now_ms)
{
    return now_ms >= begin_ms && now_ms - begin_ms < REJECTIONS_WINDOW_MS;
}

static bool is_in_use(const struct rejected_sender *sender, int64_t now_ms)
{
    return is_within(sender->begin_ms, now_ms) || now_ms < sender->known_until_ms;
}

/* NULL: another sender has the place, and this one is not counted. */
static struct rejected_sender *take_place(struct rejections *rejections, uint64_t network,
                                          int64_t now_ms)
{
    struct rejected_sender *sender = &rejections->senders[place_of(network)];
    uint64_t before = sender->network;

    if (before == network)
        return sender;
    if (is_in_use(sender, now_ms)
        || !atomic_compare_exchange_strong(&sender->network, &before, network))
        return NULL;
    sender->failures = 0;
    sender->known_until_ms = 0;
    return sender;
}

void rejections_note_sender(struct rejections *rejections, uint64_t network, bool fits,
                            int64_t now_ms)
{
    struct rejected_sender *sender = network != 0 ? take_place(rejections, network, now_ms) : NULL;

    if (sender == NULL)
        return;
    if (fits) {
        sender->known_until_ms = now_ms + REJECTIONS_KNOWN_MS;
        return;
    }
    if (!is_within(sender->begin_ms, now_ms)) {
        sender->begin_ms = now_ms;
        sender->failures = 0;
    }
    sender->failures++;
}

int rejections_hold_s(const struct rejections *rejections, uint64_t network, int64_t now_ms)
{
    const struct rejected_sender *sender = &rejections->senders[place_of(network)];
    int64_t left_ms = sender->begin_ms + REJECTIONS_WINDOW_MS - now_ms;

    if (network == 0 || sender->network != network || now_ms < sender->known_until_ms
        || !is_within(sender->begin_ms, now_ms) || sender->failures < REJECTIONS_HOLD_AFTER)
        return 0;
    return (int) ((left_ms + 999) / 1000);
}
