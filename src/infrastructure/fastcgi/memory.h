/* memory.h - how much memory this process has for itself: what a leak would make grow. */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_MEMORY_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_MEMORY_H

#include <stdint.h>

/* A descriptor for the measuring, from the process that is measured, before it is confined. */
int memory_open(void);

/* Resident bytes that are not of files and not shared; 0 when that cannot be read. Source: proc(5). */
int64_t memory_private_bytes(int descriptor);

#endif
