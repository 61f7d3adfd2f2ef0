/*
 * play.h - what clients see: the played providers, with the faults planned for them.
 */
#ifndef PAYAPI_SANDBOX_PLAY_H
#define PAYAPI_SANDBOX_PLAY_H

#include "sandbox/control/world.h"
#include "sandbox/http/http.h"

void play_exchange(struct world *world, struct exchange *exchange);

/* Does what is due by now: late requests, expiry, the bank's final decisions. */
void play_what_is_due(struct world *world);

#endif
