/*
 * jobs_loop.h - payapi-jobs: takes what is due, one piece after the other, until it is told to
 * stop.
 *
 * Any number may run: the store hands each piece of work to one of them. It survives the database's
 * absence, and says so every minute. It ends by itself only when schema and program do not fit
 * together, or what finds the work fails for a reason that does not pass: its supervisor starts it
 * anew, and whoever asks for /health hears that nothing gets done.
 */
#ifndef PAYAPI_INFRASTRUCTURE_JOBS_JOBS_LOOP_H
#define PAYAPI_INFRASTRUCTURE_JOBS_JOBS_LOOP_H

#include "infrastructure/jobs/jobs_runner.h"

#define JOBS_WAIT_MAX_MS       1000
#define JOBS_HEARTBEAT_MS      60000
#define JOBS_LOOK_MS           5000     /* at the health of all parts */
#define JOBS_TURN_MS           5000     /* of one kind of work, before the next has its turn */
#define JOBS_RECONNECT_MS      100      /* the first time; then twice as long each time... */
#define JOBS_RECONNECT_MAX_MS  5000     /* ... up to this */

/*
 * Exit status: 0 after SIGTERM or SIGINT (the piece under way is finished first), else EX_SOFTWARE.
 */
int jobs_loop(const struct jobs *jobs);

#endif
