/*
 * control_routes.h - what a test may ask of the sandbox: the operations below /_sandbox/.
 *
 * One table serves the requests and describes itself at GET /.
 */
#ifndef PAYAPI_SANDBOX_CONTROL_CONTROL_ROUTES_H
#define PAYAPI_SANDBOX_CONTROL_CONTROL_ROUTES_H

#include "control_call.h"

extern const struct control_route control_routes[];
extern const size_t               control_route_count;

#endif
