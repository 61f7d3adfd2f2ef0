/* Checks the form of e-mail addresses, URLs and other texts. */
#include "field_forms.h"

#include <strings.h>

#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

bool form_has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char) *text < ' ' || *text == 0x7f)
            return true;
    return false;
}

/* Labels of letters, digits and inner hyphens, with points between them. */
static bool is_domain(const char *text)
{
    int labels = 0;

    for (;; text++) {
        size_t size = strspn(text, LETTERS_DIGITS "-");

        if (size == 0 || size > 63 || text[0] == '-' || text[size - 1] == '-')
            return false;
        labels++;
        text += size;
        if (*text != '.')
            return *text == '\0' && labels >= 2;
    }
}

bool form_is_email(const char *text)
{
    size_t size = strspn(text, LETTERS_DIGITS "!#$%&'*+-/=?^_`{|}~.");

    if (size == 0 || size > 64 || text[size] != '@' || text[0] == '.' || text[size - 1] == '.')
        return false;
    for (size_t i = 1; i < size; i++)
        if (text[i] == '.' && text[i - 1] == '.')
            return false;
    return is_domain(text + size + 1);
}

/* Length of the host at the start of text: a name, an IPv4 address, or [IPv6]; 0 for none. */
static size_t host_size(const char *text)
{
    size_t size;

    if (*text != '[')
        return strspn(text, LETTERS_DIGITS "-._");
    size = strspn(text + 1, "0123456789abcdefABCDEF:.");
    return size >= 2 && text[1 + size] == ']' ? size + 2 : 0;
}

/* A host and perhaps ":" and a port. */
static bool is_authority(const char *text, size_t size)
{
    size_t host = host_size(text), port;

    if (host == 0 || host > 255)
        return false;
    if (host == size)
        return true;
    port = text[host] == ':' ? strspn(text + host + 1, "0123456789") : 0;
    return port > 0 && port <= 5 && host + 1 + port == size;
}

/*
 * RFC 3986: unreserved, reserved, and percent with two hexadecimal digits; and braces, because
 * Stripe fills in {CHECKOUT_SESSION_ID}.
 */
static bool has_uri_bytes(const char *text)
{
    static const char hex[] = "0123456789abcdefABCDEF";

    for (; *text != '\0'; text++) {
        if (strchr(LETTERS_DIGITS "-._~:/?#[]@!$&'()*+,;=%{}", *text) == NULL)
            return false;
        if (*text == '%' && (text[1] == '\0' || strchr(hex, text[1]) == NULL ||
                             text[2] == '\0' || strchr(hex, text[2]) == NULL))
            return false;
    }
    return true;
}

bool form_is_url(const char *text)
{
    const char *rest = strncmp(text, "https://", 8) == 0 ? text + 8
                     : strncmp(text, "http://", 7) == 0  ? text + 7 : "";

    return is_authority(rest, strcspn(rest, "/?#")) && has_uri_bytes(text);
}

bool form_has_origin(const char *url, const char *origins)
{
    size_t origin_size = strcspn(url, ":") + 3;

    origin_size += strcspn(url + origin_size, "/?#");
    while (*origins != '\0') {
        size_t size = strcspn(origins, " ");

        if (size == origin_size && strncasecmp(origins, url, size) == 0)
            return true;
        origins += size;
        origins += strspn(origins, " ");
    }
    return false;
}
