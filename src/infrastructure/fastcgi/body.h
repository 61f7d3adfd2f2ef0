/* body.h - the body of a FastCGI request, and whether anybody still waits for its answer. */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_BODY_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_BODY_H

#include <fcgiapp.h>

#include "application/ctx.h"

/* The whole body, NUL-terminated in the arena. 413 above bytes_max, 400 when it is incomplete. */
const struct problem *body_read(struct ctx *ctx, FCGX_Request *fcgx, size_t bytes_max,
                                struct bytes *body_out);

/* True when nginx has already answered for us (504) or given up: nobody waits for our answer. */
bool caller_is_gone(const FCGX_Request *fcgx);

#endif
