/*
 * http_wire.h - breaking an answer on the socket itself, bypassing the server library.
 */
#ifndef PAYAPI_SANDBOX_HTTP_HTTP_WIRE_H
#define PAYAPI_SANDBOX_HTTP_HTTP_WIRE_H

#include "http.h"

/* The peer sees a TCP reset. */
void http_wire_reset(int socket);

/* Part of the head, then the end of the stream. */
void http_wire_send_half_head(int socket, const struct http_response *response);

/* A head that announces the whole body, half of the body, then the end of the stream. */
void http_wire_send_half_body(int socket, const struct http_response *response);

#endif
