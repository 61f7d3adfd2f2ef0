/*
 * admin_migrate.h - the parts of payapi-admin migrate.
 *
 * All of them find the database in libpq's environment (admin_export_database) and the sqitch
 * project in the working directory, complain to standard error, and return 0 or the program's exit
 * status.
 */
#ifndef PAYAPI_INFRASTRUCTURE_CLI_ADMIN_MIGRATE_H
#define PAYAPI_INFRASTRUCTURE_CLI_ADMIN_MIGRATE_H

#include <libpq-fe.h>

/* For PQfinish; NULL after a complaint. */
PGconn *migrate_connect(void);

/* Says what is wrong with the connection; ADMIN_FAILED. */
int migrate_complain(PGconn *connection);

/* Waits until no other migration is under way; none begins then while the connection lives. */
int migrate_take_turn(PGconn *connection);

/* Refuses a database that was made before 0.2.0: its changes are not those of the plan. */
int migrate_refuse_old(PGconn *connection);

/*
 * Runs sqitch deploy. A change that does not get its locks within LOCK_TIMEOUT is undone by
 * PostgreSQL and tried again; the changes before it stay. EX_TEMPFAIL when they were not free in
 * all that time.
 */
int migrate_deploy(void);

/*
 * Takes from PUBLIC what only helps an intruder: temporary objects, and objects in the schema
 * public.
 */
int migrate_take_rights(PGconn *connection);

/* Prints the changes that the database lacks, and which locks each one takes. Writes nothing. */
int migrate_check(void);

#endif
