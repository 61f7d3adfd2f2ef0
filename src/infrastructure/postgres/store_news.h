/*
 * store_news.h - what the programs of this machine know together of the database server.
 *
 * A server that takes connections and says nothing (stopped, or cut off) costs whoever connects
 * his patience: one of them finds it out, and for a moment the others fail at once, free for what
 * needs no database. One that refuses what is written reads all the same: whoever asks for health
 * hears of it.
 *
 * In shared memory; all zero: nothing is known. Times are of the monotonic clock; one that a
 * former boot left behind does not count.
 */
#ifndef PAYAPI_INFRASTRUCTURE_POSTGRES_STORE_NEWS_H
#define PAYAPI_INFRASTRUCTURE_POSTGRES_STORE_NEWS_H

#include <stdatomic.h>
#include <stdint.h>

struct store_news {
    _Atomic int64_t silent_until_ms;    /* 0: it speaks */
    /* A write, for a reason that meets any write (disk full, ...); 0: one took effect since. */
    _Atomic int64_t refused_at_ms;
};

#endif
