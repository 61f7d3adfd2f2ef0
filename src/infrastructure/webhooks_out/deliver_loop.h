/*
 * deliver_loop.h - what payapi-deliver does: it plans the deliveries of new events, leases those
 * that are due, sends them, and records how they ended.
 *
 * It asks the database every DELIVER_LOOK_MS, and at once while there is more to do. No transaction
 * is open while something is sent: a lease of DELIVER_LEASE_MS, longer than any attempt, says whose
 * it is, and the attempt's number is the fence. While the database is away, outcomes wait. On
 * SIGTERM nothing new is begun, and what is under way is finished.
 */
#ifndef PAYAPI_INFRASTRUCTURE_WEBHOOKS_OUT_DELIVER_LOOP_H
#define PAYAPI_INFRASTRUCTURE_WEBHOOKS_OUT_DELIVER_LOOP_H

#include "sender.h"

#define DELIVER_LOOK_MS      200
#define DELIVER_LOOK_MAX_MS  4000       /* while the database is away: less and less often */
#define DELIVER_LEASE_MS     30000
#define DELIVER_FINISH_MS    20000      /* after SIGTERM; its unit waits longer */
#define DELIVER_EVENTS_MAX   1000       /* that are planned at a time */
#define DELIVER_HEARTBEAT_MS 60000      /* a line in the log */

struct deliver {
    struct store  *store;
    struct sender *sender;
};

/* Until SIGTERM or SIGINT. The program's exit status. */
int deliver_loop(const struct deliver *deliver);

#endif
