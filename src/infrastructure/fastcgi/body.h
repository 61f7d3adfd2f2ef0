/* body.h - the body of a FastCGI request. */
#ifndef PAYAPI_INFRASTRUCTURE_FASTCGI_BODY_H
#define PAYAPI_INFRASTRUCTURE_FASTCGI_BODY_H

#include <fcgiapp.h>

#include "application/ctx.h"

/* The whole body, NUL-terminated in the arena. 413 above bytes_max, 400 when it is incomplete. */
const struct problem *body_read(struct ctx *ctx, FCGX_Request *fcgx, size_t bytes_max,
                                struct bytes *body_out);

#endif
