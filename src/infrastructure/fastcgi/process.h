/* process.h - hardens, names and measures the running process. */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_PROCESS_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_PROCESS_H

#include <sys/types.h>

#include "base/arena.h"

/* No core dump and no debugger of the same user: our memory holds keys. */
void process_harden(void);
void process_set_title(const char *title);              /* at most 15 bytes are shown */
/* Ends this process when its parent does. False when the parent has ended already. */
MUST_CHECK bool process_die_with(pid_t parent);
/* The absolute path by which this program was called, so that exec finds its successor. */
char *process_path(struct arena *arena, const char *argv0);
/* True when fd 0 is a listening socket, as spawn-fcgi and systemd hand it over. */
MUST_CHECK bool process_has_listener(void);

/*
 * How much private memory this process uses, which a leak makes grow. Opens a descriptor for the
 * measurement, before the process is confined ...
 */
int process_open_memory(void);
/*
 * ... and reads the resident bytes that are neither of files nor shared; 0 when unreadable. Source:
 * proc(5).
 */
int64_t process_private_bytes(int descriptor);

#endif
