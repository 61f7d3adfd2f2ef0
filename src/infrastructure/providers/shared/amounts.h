/*
 * amounts.h - one amount, counted with another number of decimals. Never rounded.
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_SHARED_AMOUNTS_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_SHARED_AMOUNTS_H

#include <stdint.h>

#include "base/bytes.h"

/*
 * number * 10^(to - from): converts an amount with from decimals to one with to decimals (both 0 to
 * 4). False, leaving *number_out alone, when it overflows or digits would be lost.
 */
MUST_CHECK bool amount_rescale(int64_t number, int from, int to, int64_t *number_out);

#endif
