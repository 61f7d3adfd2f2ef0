/*
 * parts.h - what the servers have in common: configuration, providers, store.
 * Any error ends the program with one line that names it.
 */
#ifndef PAYAPI_BIN_PARTS_H
#define PAYAPI_BIN_PARTS_H

#include "infrastructure/config.h"
#include "infrastructure/postgres/store_pg.h"
#include "infrastructure/providers/providers.h"

/* Everything that lives as long as the process. */
struct parts {
    const char            *program;     /* "payapi-worker" */
    struct arena          *arena;
    struct config          config;
    struct settings        settings;
    struct store_news     *news;        /* shared with all programs of this machine */
    atomic_bool           *room_told;  /* worker_loop.h; shared with the children of this process */
    int                    descriptors;  /* harden.h; 0: as many as a worker */
    bool                   keeps_record;        /* writes the last checkpoint: AUDIT_RECORD_FILE */
    const struct provider *providers[PROVIDERS_MAX + 1];      /* NULL at the end */
};

void parts_die(const char *program, int status, const char *reason) __attribute__((noreturn));
struct parts_options {
    const char *config_file;            /* NULL: none */
    bool        check;                  /* only say whether the configuration is good */
};
/* The options of a server that has no others: --config and --check. */
struct parts_options parts_read_options(const char *program, const char *help, int argc,
                                        char **argv);
/* log_name appears in each line of the log: "worker". */
void parts_load(struct parts *parts, const char *config_file, enum config_program reader,
                const char *log_name);
/* The same for a program that only reads the database: configuration and log alone. */
void parts_load_reader(struct parts *parts, const char *config_file, enum config_program reader,
                       const char *log_name);
/*
 * The last step before the process reads the first foreign byte, so after fork: wipes the secrets
 * in the environment and confines the process (hardening/harden.h) unless PROCESS_CONFINEMENT=off.
 */
void parts_confine(const struct parts *parts);
/* A store that is not connected yet. Call after fork: a connection has one owner. */
struct store *parts_new_store(const struct parts *parts, const char *application_name);

#endif
