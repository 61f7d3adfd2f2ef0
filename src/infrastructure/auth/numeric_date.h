/*
 * numeric_date.h - a token's times: seconds since 1970 as any JSON number.
 *
 * Source: RFC 7519 section 2, NumericDate: "non-integer values can be represented". Issuers write
 * 1999999999, 1999999999.5, 1999999999.0 and 1.999999999e9.
 */
#ifndef PAYAPI_INFRASTRUCTURE_AUTH_NUMERIC_DATE_H
#define PAYAPI_INFRASTRUCTURE_AUTH_NUMERIC_DATE_H

#include <stdint.h>

#include "base/bytes.h"

/*
 * The whole seconds of a number that json_numbers.h found; the fraction is dropped, which is less
 * than clocks may differ by (TOKEN_LEEWAY_S). False when they do not fit.
 */
MUST_CHECK bool numeric_date_parse(struct bytes number, int64_t *seconds_out);

#endif
