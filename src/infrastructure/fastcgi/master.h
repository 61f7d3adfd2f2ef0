/*
 * master.h - keeps a pool of workers alive on one listening socket (fd 0).
 *
 * SIGTERM, SIGINT  workers finish their request; after 15 s they are killed. A second one: at once.
 * SIGHUP           new program and configuration take over (reload.h, elders.h).
 * A worker that dies is replaced, with back-off; the master never gives up.
 */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_MASTER_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_MASTER_H

#define MASTER_WORKERS_MAX 512

struct master_settings {
    int          workers;               /* 1..MASTER_WORKERS_MAX */
    const char  *title;                 /* of the workers: "payapi-fast" */
    const char  *program;               /* absolute path, for SIGHUP */
    char *const *argv;
};

enum master_end {
    MASTER_STOPPED,                     /* the pool is gone: exit 0 */
    MASTER_IS_WORKER                    /* this process is a worker now: signals still blocked */
};

enum master_end master_run(const struct master_settings *settings);

#endif
