/*
 * inner_networks.h - which addresses a webhook must not be sent to: those of private, link-local,
 * reserved and otherwise special networks, and our own, except what WEBHOOK_ALLOW_NETS allows.
 *
 * The address that is about to be dialled is judged, not a name: a name can change between two
 * looks. IPv4 in IPv6 (mapped) is judged as IPv4. Source: IANA's special-purpose registries
 * (RFC 6890).
 */
#ifndef PAYAPI_INFRASTRUCTURE_WEBHOOKS_OUT_INNER_NETWORKS_H
#define PAYAPI_INFRASTRUCTURE_WEBHOOKS_OUT_INNER_NETWORKS_H

#include <sys/socket.h>

#include "base/arena.h"

struct inner_networks;

/* allowed: networks and addresses with blanks between, as WEBHOOK_ALLOW_NETS has them. */
const struct inner_networks *inner_networks_new(struct arena *arena, const char *allowed);

/* Fails closed: an address of another family than IPv4 and IPv6 is not allowed. */
MUST_CHECK bool inner_networks_allow(const struct inner_networks *networks,
                                     const struct sockaddr *address, socklen_t size);
/* Whether WEBHOOK_ALLOW_NETS names this address itself: plain http may go to loopback then. */
MUST_CHECK bool inner_networks_name(const struct inner_networks *networks,
                                    const struct sockaddr *address, socklen_t size);

#endif
