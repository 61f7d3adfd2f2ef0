/*
 * old_workers.h - the workers of the master's former self.
 *
 * On SIGHUP the master becomes a new program by exec; its workers stay its children and go on
 * serving until the new ones have settled. Then they are told to finish, and in the end made to.
 */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_ELDERS_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_ELDERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define ELDERS_MAX 1024

struct elders {
    pid_t   pids[ELDERS_MAX];
    int     count;
    int64_t told_at_ms;                 /* when the first SIGTERM went out; 0: not yet */
};

void elders_add(struct elders *elders, pid_t pid);
/* True when pid was one of them; it is forgotten. */
bool elders_remove(struct elders *elders, pid_t pid);
void elders_signal(const struct elders *elders, int signal);

/* By an environment variable from one self to the next. */
void elders_announce(const struct elders *elders);
void elders_adopt(struct elders *elders_out);

#endif
