/*
 * old_workers.h - the workers that the master had before a reload.
 *
 * On SIGHUP the master becomes a new program by exec; its workers stay its children and go on
 * serving until the new ones have settled. Then they are told to finish, and killed if they do not.
 */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_OLD_WORKERS_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_OLD_WORKERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define OLD_WORKERS_MAX 1024

struct old_workers {
    pid_t   pids[OLD_WORKERS_MAX];
    int     count;
    int64_t told_at_ms;                 /* when the first SIGTERM went out; 0: not yet */
};

void old_workers_add(struct old_workers *old_workers, pid_t pid);
/* True when pid was one of them; removes it. */
bool old_workers_remove(struct old_workers *old_workers, pid_t pid);
void old_workers_signal(const struct old_workers *old_workers, int signal);

/* Pass the workers from the old program to the new one, in an environment variable. */
void old_workers_announce(const struct old_workers *old_workers);
void old_workers_adopt(struct old_workers *old_workers_out);

#endif
