/* admin_store.h - a use case's context for a subcommand: the operator acts as an admin. */
#ifndef PAYAPI_INFRASTRUCTURE_CLI_ADMIN_STORE_H
#define PAYAPI_INFRASTRUCTURE_CLI_ADMIN_STORE_H

#include "admin.h"
#include "application/store/store.h"
#include "infrastructure/providers/providers.h"

struct admin_session {
    struct config   config;
    struct settings settings;
    const struct provider *providers[PROVIDERS_MAX + 1];
    struct ctx      ctx;                /* lives as long as admin->arena */
};

/* 0, connected; else the exit status, after a complaint. */
int admin_open(struct admin *admin, struct admin_session *session_out);
/* The same, as the database's user that may add checkpoints. */
int admin_open_sealer(struct admin *admin, struct admin_session *session_out);
/*
 * The same, for what asks a provider or reads its events: with all providers that are configured.
 */
int admin_open_providers(struct admin *admin, struct admin_session *session_out);
/* The account that runs the program; the audit names it as the actor. In the arena. */
const char *admin_operator(struct arena *arena);
/* 0 for OK; else complains and returns the exit status. */
int admin_report(const struct problem *problem);

#endif
