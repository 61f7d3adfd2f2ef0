/* Judges the address that a webhook is about to be sent to. */
#include "inner_networks.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

#include "domain/network.h"

#define ALLOWED_MAX 64
#define OWN_MAX     256
#define ADDRESS_BYTES 16

struct inner_networks {
    struct network allowed[ALLOWED_MAX];
    int            allowed_count;
    unsigned char  own[OWN_MAX][ADDRESS_BYTES];
    int            own_count;
    bool           own_are_known;       /* else any address may be ours */
};

/* IPv4 as ::ffff:a.b.c.d, which network_parse makes of these. */
static const char *const forbidden[] = {
    "0.0.0.0/8",                        /* this network, RFC 791 */
    "10.0.0.0/8",                       /* private, RFC 1918 */
    "100.64.0.0/10",                    /* carriers' NAT, RFC 6598 */
    "127.0.0.0/8",                      /* loopback, RFC 1122 */
    "169.254.0.0/16",                   /* link-local, RFC 3927; clouds' metadata */
    "172.16.0.0/12",                    /* private, RFC 1918 */
    "192.0.0.0/24",                     /* protocol assignments, RFC 6890 */
    "192.0.2.0/24",                     /* documentation, RFC 5737 */
    "192.88.99.0/24",                   /* 6to4 relays, RFC 7526 */
    "192.168.0.0/16",                   /* private, RFC 1918 */
    "198.18.0.0/15",                    /* benchmarks, RFC 2544 */
    "198.51.100.0/24",                  /* documentation, RFC 5737 */
    "203.0.113.0/24",                   /* documentation, RFC 5737 */
    "224.0.0.0/3",                      /* multicast, reserved, broadcast: RFC 1112 */
    "2001::/23",                        /* protocol assignments with Teredo, RFC 4380 */
    "2001:db8::/32",                    /* documentation, RFC 3849 */
    "2002::/16",                        /* 6to4, RFC 3056 */
    "3fff::/20",                        /* documentation, RFC 9637 */
};
#define FORBIDDEN_COUNT (sizeof(forbidden) / sizeof(forbidden[0]))

/* Of IPv6, only what is in use and routed. */
#define GLOBAL_UNICAST "2000::/3"       /* RFC 4291 section 2.4 */
#define NAT64          "64:ff9b::/96"   /* RFC 6052: the last four bytes are an IPv4 address */
#define MAPPED_BITS    96

static struct network known(const char *text)
{
    struct network network;
    bool parsed = network_parse(text, &network);

    assert(parsed);
    return network;
}

/* --- Addresses ------------------------------------------------------------------------------ */

static void map_ipv4(const void *address, unsigned char bytes_out[static ADDRESS_BYTES])
{
    static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

    memcpy(bytes_out, mapped, sizeof(mapped));
    memcpy(bytes_out + sizeof(mapped), address, 4);
}

/* False: it is of another family. */
static bool read_address(const struct sockaddr *address,
                         unsigned char bytes_out[static ADDRESS_BYTES])
{
    const struct network nat64 = known(NAT64);

    if (address->sa_family == AF_INET) {
        map_ipv4(&((const struct sockaddr_in *) (const void *) address)->sin_addr, bytes_out);
        return true;
    }
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(bytes_out, &((const struct sockaddr_in6 *) (const void *) address)->sin6_addr,
           ADDRESS_BYTES);
    if (network_holds_bytes(&nat64, bytes_out))
        map_ipv4(bytes_out + MAPPED_BITS / 8, bytes_out);
    return true;
}

static bool is_ipv4(const unsigned char bytes[static ADDRESS_BYTES])
{
    const struct network all = known("0.0.0.0/0");

    return network_holds_bytes(&all, bytes);
}

static bool is_special(const unsigned char bytes[static ADDRESS_BYTES])
{
    const struct network unicast = known(GLOBAL_UNICAST);

    for (size_t i = 0; i < FORBIDDEN_COUNT; i++) {
        const struct network network = known(forbidden[i]);

        if (network_holds_bytes(&network, bytes))
            return true;
    }
    return !is_ipv4(bytes) && !network_holds_bytes(&unicast, bytes);
}

static bool is_own(const struct inner_networks *networks,
                   const unsigned char bytes[static ADDRESS_BYTES])
{
    for (int i = 0; i < networks->own_count; i++)
        if (memcmp(networks->own[i], bytes, ADDRESS_BYTES) == 0)
            return true;
    return !networks->own_are_known;
}

static bool is_allowed(const struct inner_networks *networks,
                       const unsigned char bytes[static ADDRESS_BYTES])
{
    for (int i = 0; i < networks->allowed_count; i++)
        if (network_holds_bytes(&networks->allowed[i], bytes))
            return true;
    return false;
}

bool inner_networks_allow(const struct inner_networks *networks, const struct sockaddr *address)
{
    unsigned char bytes[ADDRESS_BYTES];

    return read_address(address, bytes)
        && (is_allowed(networks, bytes) || !(is_special(bytes) || is_own(networks, bytes)));
}

static bool is_loopback(const unsigned char bytes[static ADDRESS_BYTES])
{
    const struct network v4 = known("127.0.0.0/8"), v6 = known("::1/128");

    return network_holds_bytes(&v4, bytes) || network_holds_bytes(&v6, bytes);
}

bool inner_networks_allow_plain(const struct inner_networks *networks,
                                const struct sockaddr *address)
{
    unsigned char bytes[ADDRESS_BYTES];

    return read_address(address, bytes) && is_loopback(bytes) && is_allowed(networks, bytes);
}

/* --- Making them ---------------------------------------------------------------------------- */

/* A plain address is a network of one. The setting was checked when it was read. */
static void allow(struct arena *arena, struct inner_networks *networks, const char *text)
{
    const char *single = strchr(text, ':') != NULL ? "/128" : "/32";
    const char *full = strchr(text, '/') != NULL ? text : arena_printf(arena, "%s%s", text, single);

    if (networks->allowed_count < ALLOWED_MAX
        && network_parse(full, &networks->allowed[networks->allowed_count]))
        networks->allowed_count++;
}

static void add_own(struct inner_networks *networks, const struct sockaddr *address)
{
    unsigned char bytes[ADDRESS_BYTES];

    if (address == NULL || !read_address(address, bytes))
        return;
    if (networks->own_count == OWN_MAX)
        networks->own_are_known = false;
    else
        memcpy(networks->own[networks->own_count++], bytes, sizeof(bytes));
}

static void find_own(struct inner_networks *networks)
{
    struct ifaddrs *all = NULL;

    networks->own_count = 0;
    networks->own_are_known = getifaddrs(&all) == 0;
    if (!networks->own_are_known)
        return;
    for (const struct ifaddrs *each = all; each != NULL; each = each->ifa_next)
        add_own(networks, each->ifa_addr);
    freeifaddrs(all);
}

const struct inner_networks *inner_networks_new(struct arena *arena, const char *allowed)
{
    struct inner_networks *networks = arena_alloc(arena, sizeof(*networks));
    char *rest = arena_strdup(arena, allowed), *item;

    networks->allowed_count = 0;
    while ((item = strsep(&rest, " ")) != NULL)
        if (*item != '\0')
            allow(arena, networks, item);
    find_own(networks);
    return networks;
}
