/*
 * notify.h - tells the service manager our state, if it asked for it.
 *
 * The protocol of sd_notify(3): datagrams of NAME=value lines to the unix socket that NOTIFY_SOCKET
 * names. systemd documents it as stable and meant to be used without its library, which would bring
 * code into a process that holds keys for the sake of one sendto. Without a manager all of this
 * does nothing; we do not wait for a manager that does not read. Source: sd_notify(3) and
 * sd_watchdog_enabled(3), systemd 252.
 */
#ifndef PAYAPI_INFRASTRUCTURE_NOTIFY_H
#define PAYAPI_INFRASTRUCTURE_NOTIFY_H

/*
 * Call it first, once, in the process that reports, before that is confined. Leaves the environment
 * as it is.
 */
void notify_open(void);

void notify_ready(void);                /* serving, also again after a reload */
void notify_reloading(void);
void notify_stopping(void);
/* May be called at any rate; sends four times per WATCHDOG_USEC, if the manager set that for us. */
void notify_alive(void);

#endif
