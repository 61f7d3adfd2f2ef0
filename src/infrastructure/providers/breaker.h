/*
 * breaker.h - the circuit breakers of a provider, shared by all processes on this machine.
 *
 * A provider that does not answer costs every caller a time-out. So calls are counted over the last
 * minute; when BREAKER_FAILURES of them failed, and at least half of all, the circuit opens: calls
 * are refused without being sent. After a wait one call goes through as a trial. If it is answered,
 * the circuit closes; if not, the wait doubles, up to BREAKER_WAIT_MAX_MS. Each direction
 * (provider.h) has a circuit of its own: answered look-ups say nothing about orders that hang.
 *
 * No answer, a 5xx and a refusal of our key are failures; everything else is an answer. The counts
 * are statistics: concurrent callers may lose one, never more.
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_BREAKER_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_BREAKER_H

#include "application/provider.h"
#include "infrastructure/postgres/store_news.h"

#define BREAKER_BUCKET_MS    10000
#define BREAKER_BUCKETS      6                  /* a minute */
#define BREAKER_WAIT_MS      5000               /* before the first trial call */
#define BREAKER_WAIT_MAX_MS  20000  /* waiting work must settle within a minute of its return */
#define BREAKER_LEASE_MS     30000              /* for a trial call: more than it may take */
#define BREAKER_AWAY_AFTER   3  /* after so many failures in a row an answer means it is back */

/* Of one direction, in shared memory. All zero: closed, and nothing is known. Times are Unix ms. */
struct breaker_slot {
    _Atomic int64_t open_until_ms;              /* 0: closed */
    _Atomic int64_t wait_ms;
    _Atomic int64_t answered_at_ms;             /* the last answer */
    _Atomic int64_t called_at_ms;               /* the last call that ended, either way */
    _Atomic int64_t failed_in_a_row;            /* since the last answer */
    _Atomic int64_t failed_status;              /* of the last failure; 0: no answer */
    _Atomic int64_t back_at_ms;  /* the last answer after BREAKER_AWAY_AFTER failures */
    struct {
        _Atomic int64_t begin_ms;
        _Atomic int64_t answered;
        _Atomic int64_t failed;
    } buckets[BREAKER_BUCKETS];
};

/*
 * May a call go out now? Of an open circuit: to one caller at a time, once the wait is over.
 */
bool breaker_claim(struct breaker_slot *slot, int64_t now_ms);
/* The call showed nothing: if the circuit is open, the next call is the trial. */
void breaker_give_back(struct breaker_slot *slot, int64_t now_ms);
#define BREAKER_ANSWERED (-1)
/*
 * How a call ended: BREAKER_ANSWERED, or the HTTP status that is a failure, 0 without an answer.
 * failures: how many in a minute open the circuit; 0: never, and then the provider is never "back".
 */
void breaker_note(struct breaker_slot *slot, int failures, int ended, int64_t now_ms);
struct provider_health breaker_health(const struct breaker_slot *slot, int64_t now_ms);

struct breaker_board;

/*
 * Maps the file, creating it if it is missing; processes that map the same file share its contents.
 * file "": shared with the children of this process only. So it is too when the file cannot be
 * used; *complaint_out then says why. Before fork().
 */
struct breaker_board *breaker_board_open(const char *file, const char **complaint_out);
/* Found by the provider's name, whatever order other processes have their providers in. */
struct breaker_slot *breaker_board_slot(struct breaker_board *board, const char *provider,
                                        enum provider_direction direction);
/* What all processes that map the file share about the database. */
struct store_news *breaker_board_news(struct breaker_board *board);
/* From now on the provider's calls go through its circuits, and read_health reports on them. */
void breaker_guard(struct breaker_board *board, struct provider *provider, int failures);

#endif
