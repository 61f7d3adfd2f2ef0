/*
 * reload.h - SIGHUP: a new binary and a new configuration, without an interruption.
 *
 * First the master runs the program that is now on disk with --check. Only if that succeeds does it
 * become that program. So a typo in the configuration, or in the database's password, is a line in
 * the log and not an outage.
 */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_RELOAD_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_RELOAD_H

#include <sys/types.h>

/* Starts the check; its exit status says whether to go on. -1 when it could not be started. */
pid_t reload_start_check(const char *program, char *const *argv);

/* Becomes the program on disk. Returns only on failure. */
void reload_become(const char *program, char *const *argv);

#endif
