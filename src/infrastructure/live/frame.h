/*
 * frame.h - what a stream consists of: Server-Sent Events.
 * Source: HTML standard, section 9.2 (Server-sent events), parsing an event stream.
 */
#ifndef PAYAPI_INFRASTRUCTURE_LIVE_FRAME_H
#define PAYAPI_INFRASTRUCTURE_LIVE_FRAME_H

#include "base/text.h"

/* How long a browser waits before it connects again, in milliseconds. */
#define FRAME_OPENING "retry: 3000\n\n"
#define FRAME_COMMENT ":\n\n"

/* One event: its number, and one line of JSON. */
struct bytes frame_event(struct arena *arena, int64_t id, struct bytes json);

/* The number in a Last-Event-ID header: 1 and up. 0: there is none, or it is not one of ours. */
int64_t frame_last_id(const char *header);

#endif
