/*
 * ids.h - typed identifiers: prefix_ and 26 characters of Crockford base 32.
 *
 * 48 bits of milliseconds and then 80 random bits: ids sort by time and cannot be guessed. (A
 * refund's bits are derived from its payment's id and its key:
 * application/settling/refund_identity.h.)
 * An order's id may also be the shop's own: 1-64 characters of A-Z a-z 0-9 . _ -
 */
#ifndef PAYAPI_DOMAIN_IDS_H
#define PAYAPI_DOMAIN_IDS_H

#include <stdint.h>

#include "base/bytes.h"

#define ID_TEXT_MAX       32            /* "pay_" + 26 + NUL, and one to spare */
#define ORDER_ID_TEXT_MAX 65
#define ID_RANDOM_BYTES   10
#define PROVIDER_NAME_MAX 16
#define PROVIDER_REF_MAX  256           /* a provider's own id of something */

struct order_id   { char text[ORDER_ID_TEXT_MAX]; };
struct payment_id { char text[ID_TEXT_MAX]; };
struct refund_id  { char text[ID_TEXT_MAX]; };
struct dispute_id { char text[ID_TEXT_MAX]; };
struct call_id    { char text[ID_TEXT_MAX]; };  /* one intended call of a provider */
struct event_id   { char text[ID_TEXT_MAX]; };  /* a domain event */
struct inbox_id   { char text[ID_TEXT_MAX]; };  /* a received webhook */

/*
 * Writes prefix, '_' and the 26 characters. prefix has 3 letters. random: from the system's
 * generator.
 */
void id_print(const char *prefix, int64_t now_ms,
              const unsigned char random[static ID_RANDOM_BYTES],
              char text_out[static ID_TEXT_MAX]);
/* The same with the time of another id. */
void id_print_beside(const char *prefix, const char *other,
                     const unsigned char random[static ID_RANDOM_BYTES],
                     char text_out[static ID_TEXT_MAX]);
/*
 * The same for a row that is written later than the event it reports. Among rows of one moment
 * at_ms, those written later sort later, up to 2^35 ms (a year); then those with a higher rank, 0
 * .. 31. 40 of the random bits are left.
 */
void id_print_since(const char *prefix, int64_t at_ms, int64_t written_ms, int rank,
                    const unsigned char random[static ID_RANDOM_BYTES],
                    char text_out[static ID_TEXT_MAX]);
/* True when two ids have the same time, whatever their prefixes. */
MUST_CHECK bool id_same_time(const char *a, const char *b);
/* True when text is prefix + '_' + 26 characters of the alphabet. */
MUST_CHECK bool id_is_valid(const char *prefix, const char *text);
/* True, with the id in *id_out, when text is an allowed order id. */
MUST_CHECK bool order_id_parse(const char *text, struct order_id *id_out);
MUST_CHECK bool payment_id_parse(const char *text, struct payment_id *id_out);
MUST_CHECK bool refund_id_parse(const char *text, struct refund_id *id_out);
MUST_CHECK bool inbox_id_parse(const char *text, struct inbox_id *id_out);

#endif
