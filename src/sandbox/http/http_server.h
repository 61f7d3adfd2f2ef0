/*
 * http_server.h - HTTP on loopback: one thread per connection, so that an injected delay holds up
 * no other request.
 */
#ifndef PAYAPI_SANDBOX_HTTP_HTTP_SERVER_H
#define PAYAPI_SANDBOX_HTTP_HTTP_SERVER_H

#include <stdint.h>

#include "http.h"

struct http_server;

/* Fills exchange->response. Called on many threads at once. */
typedef void http_handler(void *with, struct exchange *exchange);

/*
 * Listens on ip:port (port 0: any free one). NULL with a reason in why_out[size_bytes]; an
 * address that is not loopback is refused.
 */
struct http_server *http_server_start(const char *ip, uint16_t port, http_handler *handler,
                                      void *with, char *why_out, size_t size_bytes);
uint16_t http_server_port(const struct http_server *server);

/* Waits for the handlers under way: end their sleeps first. */
void http_server_stop(struct http_server *server);

#endif
