/* Judges an address that somebody wants webhooks to be sent to. */
#include "endpoint_url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "domain/webhook_endpoint.h"

#define HTTPS_PORT        443
#define UNPRIVILEGED_PORT 1024

struct parts {
    const char *scheme, *host, *port, *fragment;
};

/* "": the URL has no such part. In the arena. */
static const char *part_of(struct arena *arena, CURLU *url, CURLUPart part, unsigned flags)
{
    char *text = NULL;
    const char *copy;

    if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
        return "";
    copy = arena_strdup(arena, text);
    curl_free(text);
    return copy;
}

/* False: libcurl cannot read it. */
static bool read_parts(struct arena *arena, const char *text, struct parts *parts_out)
{
    CURLU *url = curl_url();
    bool read = url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK;

    if (read)
        *parts_out = (struct parts) {
            .scheme = part_of(arena, url, CURLUPART_SCHEME, 0),
            .host = part_of(arena, url, CURLUPART_HOST, 0),
            .port = part_of(arena, url, CURLUPART_PORT, CURLU_DEFAULT_PORT),
            .fragment = part_of(arena, url, CURLUPART_FRAGMENT, 0),
        };
    curl_url_cleanup(url);
    return read;
}

static bool is_printable_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

/* --- Where it leads ------------------------------------------------------------------------- */

/* IPv6 literals stand in brackets in a URL. */
static const char *bare_host(struct arena *arena, const char *host)
{
    size_t size = strlen(host);

    if (size < 2 || host[0] != '[' || host[size - 1] != ']')
        return host;
    return arena_bytes_dup(arena, (struct bytes) { host + 1, size - 2 });
}

static const char *address_text(struct arena *arena, const struct addrinfo *address)
{
    char text[NI_MAXHOST];

    if (getnameinfo(address->ai_addr, address->ai_addrlen, text, sizeof(text), NULL, 0,
                    NI_NUMERICHOST) != 0)
        return "an unknown address";
    return arena_strdup(arena, text);
}

/* Plain http only where each address is an allowed loopback address. */
static const char *addresses_fault(struct arena *arena, const struct addrinfo *addresses,
                                   bool is_plain, const struct inner_networks *networks)
{
    bool any_allowed = false;

    for (const struct addrinfo *each = addresses; each != NULL; each = each->ai_next) {
        if (is_plain && !inner_networks_allow_plain(networks, each->ai_addr))
            return "must be https";
        any_allowed |= inner_networks_allow(networks, each->ai_addr);
    }
    if (any_allowed)
        return NULL;
    return arena_printf(arena, "leads to %s, which is in an inner network that WEBHOOK_ALLOW_NETS"
                        " does not name", address_text(arena, addresses));
}

/* A name that nobody knows may come to be later, but not for plain http. */
static const char *host_fault(struct arena *arena, const struct parts *parts, bool is_plain,
                              const struct inner_networks *networks)
{
    const struct addrinfo wanted = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    struct addrinfo *addresses = NULL;
    const char *fault;

    if (getaddrinfo(bare_host(arena, parts->host), NULL, &wanted, &addresses) != 0)
        return is_plain ? "must be https" : NULL;
    fault = addresses_fault(arena, addresses, is_plain, networks);
    freeaddrinfo(addresses);
    return fault;
}

/* --- Its form ------------------------------------------------------------------------------- */

/* Also an empty one: "https://@host/". */
static bool has_user_info(const char *url)
{
    const char *authority = strstr(url, "://");

    if (authority == NULL)
        return false;
    authority += 3;
    return memchr(authority, '@', strcspn(authority, "/?#")) != NULL;
}

static const char *form_fault(struct arena *arena, const char *url, struct parts *parts)
{
    long port;

    if (strlen(url) >= WEBHOOK_URL_MAX)
        return arena_printf(arena, "must have at most %d characters", WEBHOOK_URL_MAX - 1);
    if (!is_printable_ascii(url))
        return "must be ASCII without blanks: an international name in its form that begins with"
               " xn--, other characters percent-encoded";
    if (!read_parts(arena, url, parts))
        return "must be an address like https://shop.example/webhooks";
    if (has_user_info(url))
        return "must have no user name or password";
    if (*parts->fragment != '\0' || strchr(url, '#') != NULL)
        return "must have no fragment";
    if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
        return "must be https";
    port = strtol(parts->port, NULL, 10);
    if (strcmp(parts->scheme, "https") == 0 && port != HTTPS_PORT && port < UNPRIVILEGED_PORT)
        return "must have port 443, or one from 1024 on";
    return NULL;
}

const char *endpoint_url_fault(struct arena *arena, const char *url,
                               const struct inner_networks *networks)
{
    struct parts parts = { 0 };
    const char *fault = form_fault(arena, url, &parts);

    if (fault != NULL)
        return fault;
    return host_fault(arena, &parts, strcmp(parts.scheme, "https") != 0, networks);
}
