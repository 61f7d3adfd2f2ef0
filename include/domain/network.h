/*
 * network.h - a block of IP addresses (CIDR), and whether an address is in it.
 *
 * An IPv6 address that stands for an IPv4 address (::ffff:192.0.2.1) counts as that one.
 * Plain values; nothing to free. Source: RFC 4632 section 3.1, RFC 4291 sections 2.2 and 2.5.5.2.
 */
#ifndef PAYAPI_DOMAIN_NETWORK_H
#define PAYAPI_DOMAIN_NETWORK_H

#include "base/bytes.h"

#define NETWORK_TEXT_MAX 50             /* the longest IPv6 address, "/128" and NUL */

struct network {
    unsigned char bytes[16];            /* IPv4 as ::ffff:a.b.c.d */
    int           bits;                 /* of them that are fixed; IPv4: 96 to 128 */
};

/* "192.0.2.0/24", "2001:db8::/32". False: it has another form, or bits set after the prefix. */
MUST_CHECK bool network_parse(const char *text, struct network *network_out);
void network_print(const struct network *network, char text_out[static NETWORK_TEXT_MAX]);
/* The same of an address as 16 bytes, IPv4 as ::ffff:a.b.c.d. */
MUST_CHECK bool network_holds_bytes(const struct network *network,
                                    const unsigned char bytes[static 16]);
/* False also when the text is no address. 0.0.0.0/0 holds no IPv6 address, ::/0 none of IPv4. */
MUST_CHECK bool network_holds(const struct network *network, const char *address);

#endif
