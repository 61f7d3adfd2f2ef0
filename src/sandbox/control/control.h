/*
 * control.h - /_sandbox/...: how a test directs and inspects the sandbox. JSON, no key.
 *
 * The table in control_routes.c lists the operations; payapi-sandbox(8) describes them.
 */
#ifndef PAYAPI_SANDBOX_CONTROL_CONTROL_H
#define PAYAPI_SANDBOX_CONTROL_CONTROL_H

#include "sandbox/http/http.h"
#include "world.h"

void control_handle(struct world *world, struct exchange *exchange);

#endif
