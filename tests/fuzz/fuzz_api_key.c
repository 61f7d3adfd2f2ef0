/* API keys and the networks of their callers: what is read is printed as it was sent. */
#include "fuzz.h"

#include "domain/api_key.h"

#define PREFIX "payapi_test_"
#define BASE62 "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

static void print_again(const char *text, bool live)
{
    unsigned char digits[API_KEY_RANDOM];
    const char *random = text + sizeof(PREFIX) - 1;
    char again[API_KEY_TEXT_MAX];

    for (int i = 0; i < API_KEY_RANDOM; i++)
        digits[i] = (unsigned char) (strchr(BASE62, random[i]) - BASE62);
    api_key_print(live, digits, again);
    assert(strcmp(again, text) == 0);
}

static void read_network(const char *text)
{
    struct network network, same;
    char printed[NETWORK_TEXT_MAX];

    if (!network_parse(text, &network))
        return;
    network_print(&network, printed);
    assert(network_parse(printed, &same));
    assert(same.bits == network.bits && memcmp(same.bytes, network.bytes, 16) == 0);
    *strchr(printed, '/') = '\0';
    assert(network_holds(&network, printed));
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    const char *text = arena_bytes_dup(arena, input);
    bool live;

    read_network(text);
    if (!api_key_read(text, &live))
        return;
    assert(api_key_is_meant(text));
    print_again(text, live);
}
