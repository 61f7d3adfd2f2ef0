#include "infrastructure/api/card_number.h"

#define DIGITS_MIN 13
#define DIGITS_MAX 19
#define GROUPS_MAX 5

static const char decimal[] = "0123456789";

struct candidate {
    char   digits[DIGITS_MAX + 1];
    size_t size;
    size_t groups[GROUPS_MAX];
    int    group_count;
};

static bool passes_luhn(const struct candidate *candidate)
{
    int sum = 0;

    for (size_t i = 0; i < candidate->size; i++) {
        int digit = candidate->digits[candidate->size - 1 - i] - '0';

        if (i % 2 == 1)
            digit = digit < 5 ? 2 * digit : 2 * digit - 9;
        sum += digit;
    }
    return sum % 10 == 0;
}

static bool is_of_an_issuer(const struct candidate *candidate)
{
    char first = candidate->digits[0], second = candidate->digits[1];

    return (first >= '3' && first <= '6') || (first == '2' && second >= '2' && second <= '7');
}

/* All in one, 4-6-5, 4-6-4, 4-4-4-4, or that and up to three more. */
static bool is_printed_so(const struct candidate *candidate)
{
    const size_t *groups = candidate->groups;

    if (candidate->group_count == 1)
        return true;
    if (candidate->group_count == 3)
        return groups[0] == 4 && groups[1] == 6 && (groups[2] == 4 || groups[2] == 5);
    for (int i = 0; i < 4; i++)
        if (groups[i] != 4)
            return false;
    return true;
}

static bool is_card_number(const struct candidate *candidate)
{
    return candidate->size >= DIGITS_MIN && is_printed_so(candidate) && is_of_an_issuer(candidate)
        && passes_luhn(candidate);
}

/* Takes group after group, and asks after each: what follows may be another number. */
static bool begins_here(const char *text)
{
    struct candidate candidate = { .size = 0 };

    while (candidate.group_count < GROUPS_MAX) {
        size_t group = strspn(text, decimal);

        if (group == 0 || candidate.size + group > DIGITS_MAX)
            return false;
        memcpy(candidate.digits + candidate.size, text, group);
        candidate.size += group;
        candidate.groups[candidate.group_count++] = group;
        if (is_card_number(&candidate))
            return true;
        text += group;
        if (*text != ' ' && *text != '-')
            return false;
        text++;
    }
    return false;
}

bool card_number_is_in(const char *text)
{
    for (text += strcspn(text, decimal); *text != '\0'; text += strcspn(text, decimal)) {
        if (begins_here(text))
            return true;
        text += strspn(text, decimal);
    }
    return false;
}
