/*
 * admin.h - what payapi-admin does, one subcommand per file. See payapi-admin(1).
 *
 * A subcommand gets its own arguments (argv[0] is its name), writes what was asked for to standard
 * output and complaints to standard error, and returns the exit status.
 */
#ifndef PAYAPI_INFRASTRUCTURE_ADMIN_ADMIN_H
#define PAYAPI_INFRASTRUCTURE_ADMIN_ADMIN_H

#include "infrastructure/auth/token_key.h"
#include "infrastructure/config.h"

#define ADMIN_FAILED 1                  /* it was tried, and the answer is no */

struct admin {
    struct arena *arena;
    const char   *config_file;          /* NULL: the environment alone */
    const char   *sql_folder;           /* the sqitch project, with invariants/ */
};

int admin_token(struct admin *admin, int argc, char **argv);
int admin_config(struct admin *admin, int argc, char **argv);
int admin_migrate(struct admin *admin, int argc, char **argv);
int admin_invariants(struct admin *admin, int argc, char **argv);
int admin_audit(struct admin *admin, int argc, char **argv);
int admin_payment(struct admin *admin, int argc, char **argv);
int admin_webhook(struct admin *admin, int argc, char **argv);

/* --- For the subcommands ------------------------------------------------------------------- */

/* False after one line that names the setting: the status is then CONFIG_EXIT_STATUS. */
MUST_CHECK bool admin_load_config(struct admin *admin, enum config_program program,
                                  struct config *config_out);
/* The same for the key of tokens. */
MUST_CHECK bool admin_load_token_key(struct admin *admin, const struct config *config,
                                     struct token_key *key_out);
/* Complains, and returns the status of a wrong command line. */
int admin_misused(const char *complaint, ...) __attribute__((format(printf, 1, 2)));
/*
 * Puts the database of the configuration into libpq's environment (PGHOST ...), where both this
 * program's connections and sqitch find it: a password never stands on a command line. False, after a
 * complaint, when DATABASE_URL cannot be read.
 */
MUST_CHECK bool admin_export_database(const struct config *config);

#endif
