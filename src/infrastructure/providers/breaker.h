/*
 * breaker.h - the circuit breakers of a provider, shared by all processes of this machine.
 *
 * A provider that does not answer costs every caller a time-out. So calls are counted over the last
 * minute; when BREAKER_FAILURES of them failed, and at least half of all, the circuit opens: calls
 * are refused unsent. After a while one call goes through to see; answered, it closes the circuit,
 * unanswered the wait doubles, up to BREAKER_WAIT_MAX_MS. Each direction (provider.h) has a circuit
 * of its own: look-ups that are answered say nothing about orders that hang.
 *
 * No answer, a 5xx and a refusal of our key are failures; everything else is an answer. The counts
 * are statistics: rivals may lose one, never more.
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_BREAKER_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_BREAKER_H

#include "application/provider.h"
#include "infrastructure/postgres/store_news.h"

#define BREAKER_BUCKET_MS    10000
#define BREAKER_BUCKETS      6                  /* a minute */
#define BREAKER_WAIT_MS      5000               /* before the first call that goes to see */
#define BREAKER_WAIT_MAX_MS  20000  /* what waits must be settled within a minute of its return */
#define BREAKER_LEASE_MS     30000              /* for that call: more than it may take */
#define BREAKER_AWAY_AFTER   3  /* failures in a row: the next answer means that it is back */

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
 * May a call go out now? Of an open circuit one caller at a time hears yes, when the wait is over.
 */
bool breaker_claim(struct breaker_slot *slot, int64_t now_ms);
/* The call told nothing: of an open circuit the next one goes out to see. */
void breaker_give_back(struct breaker_slot *slot, int64_t now_ms);
#define BREAKER_ANSWERED (-1)
/*
 * How a call ended: BREAKER_ANSWERED, or the HTTP status that is a failure, 0 without an answer.
 * failures: so many in a minute open the circuit; 0 never, and then the provider is never "back".
 */
void breaker_note(struct breaker_slot *slot, int failures, int ended, int64_t now_ms);
struct provider_health breaker_health(const struct breaker_slot *slot, int64_t now_ms);

struct breaker_board;

/*
 * Maps the file, made when it is not there; processes that map the same file share what they know.
 * file "": shared with the children of this process only, as it is when the file cannot be used;
 * then
 * *complaint_out says why. Before fork().
 */
struct breaker_board *breaker_board_open(const char *file, const char **complaint_out);
/* By its name, whatever order the providers of other processes come in. */
struct breaker_slot *breaker_board_slot(struct breaker_board *board, const char *provider,
                                        enum provider_direction direction);
/* What all who map the file know of the database. */
struct store_news *breaker_board_news(struct breaker_board *board);
/* From now on the provider's calls go through its circuits, and read_health tells of them. */
void breaker_guard(struct breaker_board *board, struct provider *provider, int failures);

#endif
