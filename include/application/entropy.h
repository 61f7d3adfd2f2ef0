/*
 * entropy.h - random bytes from the operating system. The process aborts when there are none.
 */
#ifndef PAYAPI_APPLICATION_ENTROPY_H
#define PAYAPI_APPLICATION_ENTROPY_H

#include <stddef.h>

void entropy_fill(void *bytes_out, size_t size);

#endif
