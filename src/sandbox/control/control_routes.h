/*
 * control_routes.h - what a test may ask of the sandbox: the operations below /_sandbox/.
 *
 * One table serves the requests and describes itself at GET /.
 */
#ifndef SANDBOX_CONTROL_ROUTES_H
#define SANDBOX_CONTROL_ROUTES_H

#include "control_call.h"

struct control_route {
    const char *method, *path;
    void      (*run)(struct control_call *call);
    const char *body;           /* an example; NULL when it takes none */
    const char *about;          /* one sentence, without a full stop */
    bool        takes_ago;      /* {"ago_s":n}: the act was so long ago */
};

extern const struct control_route control_routes[];
extern const size_t               control_route_count;

#endif
