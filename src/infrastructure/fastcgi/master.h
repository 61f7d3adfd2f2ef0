/*
 * master.h - keeps a pool of workers alive on one listening socket (fd 0).
 *
 * SIGTERM, SIGINT  workers finish their request; after 15 s they are killed. A second one: at once.
 * SIGHUP           new program and configuration take over (reload.h, old_workers.h).
 * A worker that dies is replaced, with back-off; the master never gives up. A worker that is busy
 * and has reported nothing (worker_status.h) for too long is killed. The master reports the pool's
 * state to the service manager (notify.h).
 */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_MASTER_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_MASTER_H

#include "worker_status.h"

#define MASTER_WORKERS_MAX 512

struct master_settings {
    int          workers;               /* 1..MASTER_WORKERS_MAX */
    int          hang_limit_ms;         /* longer than any legitimate step of a request */
    const char  *pool;                  /* "fast": in metrics */
    const char  *title;                 /* of the workers: "payapi-fast" */
    const char  *program;               /* absolute path, for SIGHUP */
    char *const *argv;
};

/*
 * In the master: returns NULL when the pool is gone; then exit 0. In each worker: returns its
 * status, which it must keep up to date; signals are still blocked.
 */
struct worker_status *master_run(const struct master_settings *settings);

#endif
