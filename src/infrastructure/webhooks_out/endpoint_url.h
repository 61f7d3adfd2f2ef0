/*
 * endpoint_url.h - whether webhooks can be sent to an address: its form, and where its name leads.
 *
 * https, port 443 or from 1024 on, no user info, no fragment, ASCII (an international name in its
 * xn-- form), at most 2,048 characters. http only to a loopback address that WEBHOOK_ALLOW_NETS
 * names. This is for people who register an address; the guard is inner_networks.h, at the socket.
 */
#ifndef PAYAPI_INFRASTRUCTURE_WEBHOOKS_OUT_ENDPOINT_URL_H
#define PAYAPI_INFRASTRUCTURE_WEBHOOKS_OUT_ENDPOINT_URL_H

#include "inner_networks.h"

/*
 * NULL: nothing is wrong. Else what is, as a problem's field says it: "must be https", in the
 * arena. It looks the host's name up, which can take seconds; a name that is not known is accepted,
 * because it may come to be later.
 */
const char *endpoint_url_fault(struct arena *arena, const char *url,
                               const struct inner_networks *networks);

#endif
