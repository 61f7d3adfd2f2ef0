/*
 * play.h - what the outside world sees: the providers, through the faults planned for them.
 */
#ifndef PAYAPI_SANDBOX_PLAY_H
#define PAYAPI_SANDBOX_PLAY_H

#include "sandbox/control/world.h"
#include "sandbox/http/http.h"

void play_exchange(struct world *world, struct exchange *exchange);

/* What happens by itself when its time has come: late requests, expiry, the bank's last word. */
void play_what_is_due(struct world *world);

#endif
