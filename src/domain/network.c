/* Blocks of addresses. */
#include "domain/network.h"

#include <arpa/inet.h>
#include <stdio.h>

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool is_ipv4(const unsigned char bytes[static 16])
{
    return memcmp(bytes, mapped, sizeof(mapped)) == 0;
}

static bool parse_address(const char *text, unsigned char bytes_out[static 16])
{
    memcpy(bytes_out, mapped, sizeof(mapped));
    return inet_pton(AF_INET, text, bytes_out + sizeof(mapped)) == 1
        || inet_pton(AF_INET6, text, bytes_out) == 1;
}

/* One to three digits, without a leading zero. -1: something else. */
static int parse_count(const char *text)
{
    size_t size = strspn(text, "0123456789");
    int count = 0;

    if (size == 0 || size > 3 || text[size] != '\0' || (size > 1 && text[0] == '0'))
        return -1;
    for (; *text != '\0'; text++)
        count = 10 * count + (*text - '0');
    return count;
}

static bool bit_at(const unsigned char *bytes, int bit)
{
    return (bytes[bit / 8] >> (7 - bit % 8) & 1) != 0;
}

static bool ends_in_zeros(const struct network *network)
{
    for (int bit = network->bits; bit < 128; bit++)
        if (bit_at(network->bytes, bit))
            return false;
    return true;
}

bool network_parse(const char *text, struct network *network_out)
{
    const char *slash = strchr(text, '/');
    char address[INET6_ADDRSTRLEN] = "";
    struct network network;
    int count;

    if (slash == NULL || slash - text >= (ptrdiff_t) sizeof(address))
        return false;
    memcpy(address, text, (size_t) (slash - text));
    count = parse_count(slash + 1);
    if (count < 0 || !parse_address(address, network.bytes))
        return false;
    network.bits = strchr(address, ':') == NULL ? 96 + count : count;
    if (network.bits > 128 || !ends_in_zeros(&network))
        return false;
    *network_out = network;
    return true;
}

void network_print(const struct network *network, char text_out[static NETWORK_TEXT_MAX])
{
    const bool ipv4 = is_ipv4(network->bytes) && network->bits >= 96;
    char address[INET6_ADDRSTRLEN];

    inet_ntop(ipv4 ? AF_INET : AF_INET6, network->bytes + (ipv4 ? sizeof(mapped) : 0), address,
              sizeof(address));
    snprintf(text_out, NETWORK_TEXT_MAX, "%s/%d", address, network->bits - (ipv4 ? 96 : 0));
}

bool network_holds(const struct network *network, const char *address)
{
    unsigned char bytes[16];

    return parse_address(address, bytes) && network_holds_bytes(network, bytes);
}

bool network_holds_bytes(const struct network *network, const unsigned char bytes[static 16])
{
    if (is_ipv4(bytes) && network->bits < 96)
        return false;
    for (int bit = 0; bit < network->bits; bit++)
        if (bit_at(bytes, bit) != bit_at(network->bytes, bit))
            return false;
    return true;
}
