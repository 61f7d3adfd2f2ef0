/*
 * inner_networks.h - which addresses webhooks must not be sent to: those of private, link-local,
 * reserved and otherwise special networks, and our own, except what WEBHOOK_ALLOW_NETS allows.
 *
 * The address that is about to be dialled is judged, not a name: a name can change between two
 * looks. An IPv6 address that stands for an IPv4 address (mapped, or NAT64) is judged as that one.
 * Source: IANA's registries of special-purpose addresses (RFC 6890).
 */
#ifndef PAYAPI_INFRASTRUCTURE_WEBHOOKS_OUT_INNER_NETWORKS_H
#define PAYAPI_INFRASTRUCTURE_WEBHOOKS_OUT_INNER_NETWORKS_H

#include <sys/socket.h>

#include "base/arena.h"

struct inner_networks;

/*
 * allowed: networks and addresses with blanks between, as WEBHOOK_ALLOW_NETS has them. Our own
 * addresses are those of now; if they cannot be found, only allowed addresses are. In the arena.
 */
const struct inner_networks *inner_networks_new(struct arena *arena, const char *allowed);

/* False for an address of another family than IPv4 and IPv6. */
MUST_CHECK bool inner_networks_allow(const struct inner_networks *networks,
                                     const struct sockaddr *address);
/* A loopback address that WEBHOOK_ALLOW_NETS names: plain http may go there. */
MUST_CHECK bool inner_networks_allow_plain(const struct inner_networks *networks,
                                           const struct sockaddr *address);

#endif
