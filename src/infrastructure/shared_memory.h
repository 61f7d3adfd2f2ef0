/*
 * shared_memory.h - memory that a process shares with the children it will have.
 */
#ifndef PAYAPI_INFRASTRUCTURE_SHARED_MEMORY_H
#define PAYAPI_INFRASTRUCTURE_SHARED_MEMORY_H

#include <stddef.h>

/* All zero; for the life of the process and its children. Aborts without memory. */
void *shared_memory_new(size_t size);

#endif
