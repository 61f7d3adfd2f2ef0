/*
 * jobs_loop.h - payapi-jobs: does what is due, one piece after another, until it is told to stop.
 *
 * Any number of them may run: the store hands each piece of work to one. payapi-jobs survives the
 * database's absence, and logs it every minute. It ends by itself only when schema and program do
 * not match, or when finding work fails for a permanent reason: its supervisor restarts it, and
 * /health reports that no work gets done.
 */
#ifndef PAYAPI_INFRASTRUCTURE_JOBS_JOBS_LOOP_H
#define PAYAPI_INFRASTRUCTURE_JOBS_JOBS_LOOP_H

#include "infrastructure/jobs/jobs_runner.h"

#define JOBS_WAIT_MAX_MS       1000
#define JOBS_HEARTBEAT_MS      60000
#define JOBS_LOOK_MS           5000     /* between checks of all parts' health */
#define JOBS_TURN_MS           5000     /* of one kind of work, before the next has its turn */
#define JOBS_RECONNECT_MS      100      /* the first time; then twice as long each time... */
#define JOBS_RECONNECT_MAX_MS  5000     /* ... up to this */

/*
 * Exit status: 0 after SIGTERM or SIGINT (the piece under way is finished first), else EX_SOFTWARE.
 */
int jobs_loop(const struct jobs *jobs);

#endif
