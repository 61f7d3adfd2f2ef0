/*
 * reload.h - SIGHUP: a new binary and a new configuration, with nobody noticing.
 *
 * First the program that is on disk now is run with --check. Only when that is content, the master
 * becomes it. So a typing error in the configuration, or in the database's password, is a line in
 * the log and not an outage.
 */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_RELOAD_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_RELOAD_H

#include <sys/types.h>

/* Starts the check; its exit status says whether to go on. -1 when it could not be started. */
pid_t reload_start_check(const char *program, char *const *argv);

/* Becomes the program on disk. Returns only when that failed. */
void reload_become(const char *program, char *const *argv);

#endif
