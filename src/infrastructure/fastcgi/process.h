/* process.h - what a process of ours does about itself. */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_PROCESS_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_PROCESS_H

#include <sys/types.h>

#include "base/arena.h"

/* No core dump and no debugger of the same user: our memory holds keys. */
void process_harden(void);
void process_set_title(const char *title);              /* at most 15 bytes are shown */
/* Ends this process when its parent does. False when the parent has ended already. */
MUST_CHECK bool process_die_with(pid_t parent);
/* The absolute path of the running program as it was called, so that exec finds its successor. */
char *process_path(struct arena *arena, const char *argv0);
/* True when fd 0 is a socket that listens, as spawn-fcgi and systemd hand it over. */
MUST_CHECK bool process_has_listener(void);

/*
 * How much memory this process has for itself, which a leak would make grow: a descriptor for the
 * measuring, opened before the process is confined ...
 */
int process_open_memory(void);
/*
 * ... and resident bytes that are not of files and not shared; 0 when unreadable. Source: proc(5).
 */
int64_t process_private_bytes(int descriptor);

#endif
