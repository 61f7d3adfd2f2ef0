/*
 * admin.h - what payapi-admin does, one subject per file. See payapi-admin(1).
 *
 * A command writes what was asked for to standard output and complaints to standard error, and
 * returns the exit status. A wrong command line ends the program (base/command_line.h).
 */
#ifndef PAYAPI_INFRASTRUCTURE_CLI_ADMIN_H
#define PAYAPI_INFRASTRUCTURE_CLI_ADMIN_H

#include "base/command_line.h"
#include "infrastructure/auth/token_key.h"
#include "infrastructure/config.h"

#define ADMIN_FAILED 1                  /* it was tried, and the answer is no */

struct admin {
    struct arena       *arena;
    const char         *config_file;    /* NULL: the environment alone */
    const char         *sql_folder;     /* the sqitch project, with invariants/ */
    struct command_line line;           /* of the command that runs */
};

/* A command, named by one word or two. Its help is made of these texts. */
struct admin_command {
    const char *name;                   /* "audit verify" */
    const char *arguments;              /* "[--checkpoints FILE]", or "" */
    const char *summary;                /* one line */
    const char *explanation;            /* of its arguments, lines with a break at the end; or "" */
    const struct option *options;       /* as in struct command_line */
    int       (*run)(struct admin *admin, int argc, char **argv);       /* argv[0] is its name */
};

extern const struct admin_command admin_token, admin_config_check, admin_migrate, admin_invariants;
extern const struct admin_command admin_audit_verify, admin_audit_export, admin_audit_checkpoint,
    admin_audit_keygen, admin_audit_retire;
extern const struct admin_command admin_payment_list, admin_payment_review, admin_payment_sync;
extern const struct admin_command admin_reconcile, admin_reconcile_explain, admin_erase;
extern const struct admin_command admin_key_create, admin_key_list, admin_key_revoke;
extern const struct admin_command admin_endpoint_create, admin_endpoint_list,
    admin_endpoint_enable, admin_endpoint_disable, admin_endpoint_delete, admin_endpoint_rotate,
    admin_endpoint_test, admin_endpoint_deliveries, admin_endpoint_resend, admin_endpoint_recover;
extern const struct admin_command admin_webhook_list, admin_webhook_show, admin_webhook_replay;

/* --- For the commands ---------------------------------------------------------------------- */

/* False after one line that names the setting: the status is then CONFIG_EXIT_STATUS. */
MUST_CHECK bool admin_load_config(struct admin *admin, enum config_program program,
                                  struct config *config_out);
/* The same for the key of tokens. */
MUST_CHECK bool admin_load_token_key(struct admin *admin, const struct config *config,
                                     struct token_key *key_out);
/*
 * Puts the database of the configuration into libpq's environment (PGHOST ...), where both this
 * program's connections and sqitch find it: a password never stands on a command line. False, after
 * a complaint, when DATABASE_URL cannot be read.
 */
MUST_CHECK bool admin_export_database(const struct config *config);
/* Then: as the owner of the schema, where the configuration names one. */
void admin_be_owner(const struct config *config);

#endif
