/*
 * world_control.h - the control operations on what both providers share.
 */
#ifndef PAYAPI_SANDBOX_CONTROL_WORLD_CONTROL_H
#define PAYAPI_SANDBOX_CONTROL_WORLD_CONTROL_H

#include "control_call.h"

void world_control_get_health(struct control_call *call);
void world_control_get_requests(struct control_call *call);     /* ?limit=n */
void world_control_reset(struct control_call *call);
void world_control_advance_clock(struct control_call *call);    /* {"advance_s":n} */

/* See faults.h. Requests that hang because of a fault go on when it is cleared. */
void world_control_get_faults(struct control_call *call);
void world_control_add_fault(struct control_call *call);
void world_control_clear_faults(struct control_call *call);     /* moods too */

/* See moods.h. */
void world_control_get_moods(struct control_call *call);
void world_control_set_moods(struct control_call *call);

#endif
