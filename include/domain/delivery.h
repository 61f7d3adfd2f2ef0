/*
 * delivery.h - when an event is sent to an endpoint again, and when an endpoint is given up
 * (docs/contract.md section 8). Plain rules; nothing to free.
 */
#ifndef PAYAPI_DOMAIN_DELIVERY_H
#define PAYAPI_DOMAIN_DELIVERY_H

#include <stdint.h>

#include "base/bytes.h"

#define DELIVERY_ATTEMPTS      10       /* at once, then after 5 s, 5 min ... 24 h */
#define DELIVERY_GONE         410       /* the status of an endpoint that wants no more events */

/*
 * Unix milliseconds of the attempt after the one of that place (1: the first of its schedule) that
 * ended at ended_ms; 0: there is none. The step varies by 20 % either way: chance is 0 to 1,000,
 * drawn by the caller. retry_after_s (-1: none) is honoured up to twice the step.
 */
int64_t delivery_next_at_ms(int place, int64_t ended_ms, int chance, int64_t retry_after_s);

/* Whether so many failures since then end it: 5 days, and 20 of them at least. */
bool delivery_endpoint_is_failing(int failures, int64_t failing_since_ms, int64_t now_ms);

#endif
