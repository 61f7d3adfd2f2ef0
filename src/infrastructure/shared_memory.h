/*
 * shared_memory.h - memory that a process shares with the children it will have.
 */
#ifndef PAYAPI_INFRASTRUCTURE_SHARED_MEMORY_H
#define PAYAPI_INFRASTRUCTURE_SHARED_MEMORY_H

#include <stddef.h>

/* All zero; for the life of the process and its children. Aborts without memory. */
void *shared_memory_new(size_t size);

/*
 * The same, shared with all processes that open the same file, which is created if it is missing;
 * all zero at first, and the file is never made smaller. NULL: the file cannot be used;
 * *complaint_out (static text) then says why. It must be ours and writable for nobody else.
 */
void *shared_memory_open(const char *file, size_t size, const char **complaint_out);

#endif
