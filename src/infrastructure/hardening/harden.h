/*
 * harden.h - what a process that reads foreign bytes gives up before it reads the first one.
 *
 * It gives up for ever: larger files, more memory and descriptors than its work takes; new
 * privileges; every file except those that connections to providers and the database need and those
 * that the plan names; and every system call that is not listed in seccomp.c. Threads still work
 * (libcurl resolves names in one), child processes do not. On a kernel that lacks one part the
 * others still apply, and one line in the log says what is missing. Source: landlock(7),
 * seccomp(2), kernel Documentation/userspace-api/landlock.rst (6.12).
 */
#ifndef PAYAPI_INFRASTRUCTURE_HARDENING_HARDEN_H
#define PAYAPI_INFRASTRUCTURE_HARDENING_HARDEN_H

#include "base/bytes.h"

struct harden_plan {
    const char *const *readable;  /* files and folders besides the usual ones; NULL ends them */
    const char        *writable;  /* folder, for builds that write (fault points, gcov), or NULL */
    int                descriptors;     /* that it may open at a time; 0: as many as a worker */
    const char        *replaceable;     /* folder in which files are made and replaced, or NULL */
};

/* Open first what the plan does not allow later; not the log or the database's certificates. */
void harden(const struct harden_plan *plan);

#endif
