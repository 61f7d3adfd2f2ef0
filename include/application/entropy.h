/*
 * entropy.h - random bytes from the operating system. The process aborts when there are none.
 *
 * They are fetched for many calls at once. Threads and forked processes never get the same bytes.
 * Source: getrandom(2); madvise(2), MADV_WIPEONFORK.
 */
#ifndef PAYAPI_APPLICATION_ENTROPY_H
#define PAYAPI_APPLICATION_ENTROPY_H

#include <stddef.h>

void entropy_fill(void *bytes_out, size_t size);

#endif
