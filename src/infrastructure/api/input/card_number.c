/* Looks for card numbers in any text: in one piece, in groups, percent-encoded. */
#include "card_number.h"

#include <stdint.h>

#define DIGITS_MIN     13
#define DIGITS_MAX     19
#define GROUPS_MAX     DIGITS_MAX
#define SEPARATORS_MAX 3                /* between two groups */

/* --- Symbols: what a reader sees, however it is written ------------------------------------- */

/* Where each script's ten decimal digits begin. Source: Unicode 14.0, general category Nd. */
static const uint32_t zeros[] = {
    0x0030, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66,
    0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040,
    0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0,
    0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
    0xff10, 0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450,
    0x114d0, 0x11650, 0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0,
    0x16a60, 0x16ac0, 0x16b50, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140,
    0x1e2f0, 0x1e950, 0x1fbf0,
};

static int value_of_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * Takes one byte and moves on. A percent escape counts as its byte, however often it was encoded:
 * %34, %2534.
 */
static unsigned take_byte(const char **text)
{
    const char *at = *text + 1;

    if (**text == '%') {
        while (at[0] == '2' && at[1] == '5')
            at += 2;
        if (value_of_hex(at[0]) >= 0 && value_of_hex(at[1]) >= 0) {
            *text = at + 2;
            return (unsigned) (value_of_hex(at[0]) << 4 | value_of_hex(at[1]));
        }
        at = *text + 1;
    }
    *text = at;
    return (unsigned char) at[-1];
}

/* Takes one UTF-8 character; malformed bytes are taken one by one. text is not at its end. */
static uint32_t take_character(const char **text)
{
    unsigned first = take_byte(text);
    int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    uint32_t character = more > 0 ? first & (0x3fu >> more) : first;

    for (; more > 0 && **text != '\0'; more--) {
        const char *next = *text;
        unsigned byte = take_byte(&next);

        if ((byte & 0xc0) != 0x80)
            break;
        character = character << 6 | (byte & 0x3f);
        *text = next;
    }
    return character;
}

static int value_of_digit(uint32_t character)
{
    if (character < 0x80)
        return character >= '0' && character <= '9' ? (int) (character - '0') : -1;
    for (size_t i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++)
        if (character >= zeros[i] && character <= zeros[i] + 9)
            return (int) (character - zeros[i]);
    return -1;
}

/*
 * Blanks, hyphens, points and invisible characters, of ASCII and of Unicode (Zs, Pd, Pc, Cf and
 * similar).
 */
static bool is_separator(uint32_t character)
{
    static const struct { uint32_t first, last; } ranges[] = {
        { 0x09, 0x0d }, { ' ', '/' }, { ':', '@' }, { '[', '`' }, { '{', '~' }, { 0x85, 0x85 },
        { 0xa0, 0xa0 }, { 0xad, 0xad }, { 0xb7, 0xb7 }, { 0x034f, 0x034f }, { 0x058a, 0x058a },
        { 0x05be, 0x05be }, { 0x061c, 0x061c }, { 0x1680, 0x1680 }, { 0x180b, 0x180e },
        { 0x2000, 0x206f }, { 0x20dd, 0x20e4 }, { 0x2212, 0x2212 }, { 0x2e17, 0x2e17 },
        { 0x2e3a, 0x2e3b }, { 0x3000, 0x3002 }, { 0x30fb, 0x30fc }, { 0xfe00, 0xfe0f },
        { 0xfe31, 0xfe34 }, { 0xfe58, 0xfe58 }, { 0xfe63, 0xfe63 }, { 0xfeff, 0xfeff },
        { 0xff0c, 0xff0f }, { 0xff3f, 0xff3f }, { 0xe0020, 0xe007f },
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}

/* --- Numbers ------------------------------------------------------------------------------- */

struct candidate {
    int      digits[DIGITS_MAX];
    size_t   size;
    size_t   groups[GROUPS_MAX];
    int      group_count;
    uint64_t between;                   /* what stands between all groups */
    bool     between_is_one;            /* ... and it is the same everywhere */
};

static bool passes_luhn(const struct candidate *candidate)
{
    int sum = 0;

    for (size_t i = 0; i < candidate->size; i++) {
        int digit = candidate->digits[candidate->size - 1 - i];

        if (i % 2 == 1)
            digit = digit < 5 ? 2 * digit : 2 * digit - 9;
        sum += digit;
    }
    return sum % 10 == 0;
}

static bool is_of_an_issuer(const struct candidate *candidate)
{
    int first = candidate->digits[0], second = candidate->digits[1];

    return (first >= 3 && first <= 6) || (first == 2 && second >= 2 && second <= 7);
}

/* 4-6-5, 4-6-4, 4-4-4-4, or that and up to three more. */
static bool is_printed_so(const struct candidate *candidate)
{
    const size_t *groups = candidate->groups;

    if (candidate->group_count == 3)
        return groups[0] == 4 && groups[1] == 6 && (groups[2] == 4 || groups[2] == 5);
    for (int i = 0; i < 4; i++)
        if (groups[i] != 4)
            return false;
    return candidate->group_count <= 5;
}

/*
 * Groups of equal size, the last one perhaps shorter, with the same separator between all: 4 1 1 1,
 * 41.11.11. Groups of four: see above.
 */
static bool is_spread(const struct candidate *candidate)
{
    const size_t *groups = candidate->groups;
    int last = candidate->group_count - 1;

    for (int i = 1; i < last; i++)
        if (groups[i] != groups[0])
            return false;
    return candidate->between_is_one && groups[0] != 4 && groups[last] <= groups[0]
        && (candidate->group_count > 2 || groups[1] == groups[0]);
}

static bool is_card_number(const struct candidate *candidate)
{
    return candidate->size >= DIGITS_MIN && is_of_an_issuer(candidate) && passes_luhn(candidate)
        && (candidate->group_count == 1 || is_printed_so(candidate) || is_spread(candidate));
}

/* False: there is no digit, or there are too many. */
static bool take_group(const char **text, struct candidate *candidate)
{
    const char *next = *text;
    size_t size = 0;

    for (int digit; *next != '\0' && (digit = value_of_digit(take_character(&next))) >= 0; size++) {
        if (candidate->size == DIGITS_MAX)
            return false;
        candidate->digits[candidate->size++] = digit;
        *text = next;
    }
    if (size > 0)
        candidate->groups[candidate->group_count++] = size;
    return size > 0;
}

/* False: there is no separator here, or too long a one. */
static bool take_separators(const char **text, struct candidate *candidate)
{
    uint64_t between = 0;

    for (int count = 0; **text != '\0'; count++) {
        const char *next = *text;
        uint32_t character = take_character(&next);

        if (value_of_digit(character) >= 0) {
            candidate->between_is_one &= candidate->group_count == 1
                || between == candidate->between;
            candidate->between = between;
            return count > 0;
        }
        if (!is_separator(character) || count == SEPARATORS_MAX)
            return false;
        between = between << 21 | character;
        *text = next;
    }
    return false;
}

/*
 * Takes one group after the other and tests after each, because what follows may be another number.
 */
static bool begins_here(const char *text)
{
    struct candidate candidate = { .between_is_one = true };

    while (candidate.group_count < GROUPS_MAX && take_group(&text, &candidate)) {
        if (is_card_number(&candidate))
            return true;
        if (!take_separators(&text, &candidate))
            return false;
    }
    return false;
}

bool card_number_is_in(const char *text)
{
    bool in_group = false;

    while (*text != '\0') {
        const char *next = text;
        bool is_digit = value_of_digit(take_character(&next)) >= 0;

        if (is_digit && !in_group && begins_here(text))
            return true;
        in_group = is_digit;
        text = next;
    }
    return false;
}
