/*
 * calls.h - what the calls of every provider have in common: headers that we always send, and the
 * reply in the words of application/provider.h.
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_SHARED_CALLS_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_SHARED_CALLS_H

#include "application/provider.h"
#include "infrastructure/http_client/http_client.h"

void call_add_header(struct http_request *http, const char *name, const char *value);
/* Authorization (the key as bearer), Accept and User-Agent. */
void call_add_common_headers(struct ctx *ctx, struct http_request *http, const char *secret_key);

/* Leaves out what only some providers send: should_retry is -1, request_id "". */
struct provider_reply call_reply(const struct http_reply *http);

#endif
