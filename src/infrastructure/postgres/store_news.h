/*
 * store_news.h - what the programs on this machine share about the database server.
 *
 * A server that accepts connections but never answers (stopped, or cut off) makes every attempt to
 * connect time out. Once one process has found this out, the others fail at once for a moment and
 * stay free for work that needs no database. A server that refuses writes still answers reads, so
 * the refusal is noted here for the health check.
 *
 * In shared memory; all zero: nothing is known. Times are of the monotonic clock; a time left over
 * from an earlier boot does not count.
 */
#ifndef PAYAPI_INFRASTRUCTURE_POSTGRES_STORE_NEWS_H
#define PAYAPI_INFRASTRUCTURE_POSTGRES_STORE_NEWS_H

#include <stdatomic.h>
#include <stdint.h>

struct store_news {
    _Atomic int64_t silent_until_ms;    /* 0: it answers */
    /* A write, for a reason that stops any write (disk full, ...); 0: one succeeded since. */
    _Atomic int64_t refused_at_ms;
};

#endif
