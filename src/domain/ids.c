/* Prints and parses ids. */
#include "domain/ids.h"

#include <assert.h>

/* Crockford base 32: no I, L, O, U. Upper case only, so that an id has one spelling. */
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

#define PREFIX_LETTERS 3
#define BODY_AT        (PREFIX_LETTERS + 1)
#define TIME_CHARS     10       /* 50 bits for 48 */
#define RANDOM_CHARS   16       /* 80 bits */
#define BODY_CHARS     (TIME_CHARS + RANDOM_CHARS)
#define TIME_MS_MAX    ((INT64_C(1) << 48) - 1)         /* the year 10889 */

_Static_assert(BODY_AT + BODY_CHARS < ID_TEXT_MAX, "an id must fit");

static void print_time(uint64_t ms, char out[static TIME_CHARS]);
static void print_random(const unsigned char random[static ID_RANDOM_BYTES],
                         char out[static RANDOM_CHARS]);

void id_print(const char *prefix, int64_t now_ms,
              const unsigned char random[static ID_RANDOM_BYTES],
              char text_out[static ID_TEXT_MAX])
{
    char *body = text_out + BODY_AT;

    assert(strlen(prefix) == PREFIX_LETTERS);
    assert(now_ms >= 0 && now_ms <= TIME_MS_MAX);
    memcpy(text_out, prefix, PREFIX_LETTERS);
    text_out[PREFIX_LETTERS] = '_';
    print_time((uint64_t) now_ms, body);
    print_random(random, body + TIME_CHARS);
    body[BODY_CHARS] = '\0';
}

void id_print_beside(const char *prefix, const char *other,
                     const unsigned char random[static ID_RANDOM_BYTES],
                     char text_out[static ID_TEXT_MAX])
{
    id_print(prefix, 0, random, text_out);
    memcpy(text_out + BODY_AT, other + BODY_AT, TIME_CHARS);
}

/* 35 bits of delay and 5 of rank replace the first 5 random bytes. */
void id_print_since(const char *prefix, int64_t at_ms, int64_t written_ms, int rank,
                    const unsigned char random[static ID_RANDOM_BYTES],
                    char text_out[static ID_TEXT_MAX])
{
    const int64_t delay_max = (INT64_C(1) << 35) - 1;
    const int64_t delay_ms = written_ms < at_ms ? 0 : written_ms - at_ms;
    uint64_t head = (uint64_t) (delay_ms > delay_max ? delay_max : delay_ms) << 5 | (uint64_t) rank;
    unsigned char body[ID_RANDOM_BYTES];

    assert(rank >= 0 && rank < 32);
    memcpy(body, random, sizeof(body));
    for (int i = 5; i-- > 0; head >>= 8)
        body[i] = head & 0xff;
    id_print(prefix, at_ms, body, text_out);
}

bool id_same_time(const char *a, const char *b)
{
    return strncmp(a + BODY_AT, b + BODY_AT, TIME_CHARS) == 0;
}

bool id_is_valid(const char *prefix, const char *text)
{
    const size_t prefix_size = strlen(prefix);

    if (strncmp(text, prefix, prefix_size) != 0 || text[prefix_size] != '_')
        return false;
    text += prefix_size + 1;
    return strlen(text) == BODY_CHARS && strspn(text, alphabet) == BODY_CHARS;
}

bool order_id_parse(const char *text, struct order_id *id_out)
{
    const size_t size = strnlen(text, ORDER_ID_TEXT_MAX);

    if (size == 0 || size == ORDER_ID_TEXT_MAX)
        return false;
    if (strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ" "abcdefghijklmnopqrstuvwxyz"
                     "0123456789" "._-") != size)
        return false;
    *id_out = (struct order_id) { 0 };
    memcpy(id_out->text, text, size);
    return true;
}

bool payment_id_parse(const char *text, struct payment_id *id_out)
{
    if (!id_is_valid("pay", text))
        return false;
    *id_out = (struct payment_id) { 0 };
    memcpy(id_out->text, text, strlen(text));
    return true;
}

bool refund_id_parse(const char *text, struct refund_id *id_out)
{
    if (!id_is_valid("ref", text))
        return false;
    *id_out = (struct refund_id) { 0 };
    memcpy(id_out->text, text, strlen(text));
    return true;
}

bool inbox_id_parse(const char *text, struct inbox_id *id_out)
{
    if (!id_is_valid("whe", text))
        return false;
    *id_out = (struct inbox_id) { 0 };
    memcpy(id_out->text, text, strlen(text));
    return true;
}

/* Most significant bits first, so that the text sorts like the time. */
static void print_time(uint64_t ms, char out[static TIME_CHARS])
{
    for (int i = TIME_CHARS; i-- > 0; ms >>= 5)
        out[i] = alphabet[ms & 31];
}

static void print_random(const unsigned char random[static ID_RANDOM_BYTES],
                         char out[static RANDOM_CHARS])
{
    uint32_t bits = 0;
    unsigned int bit_count = 0;

    for (int i = 0; i < ID_RANDOM_BYTES; i++) {
        bits = bits << 8 | random[i];
        for (bit_count += 8; bit_count >= 5; bit_count -= 5)
            *out++ = alphabet[bits >> (bit_count - 5) & 31];
    }
}
