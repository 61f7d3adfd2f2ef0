/* Chooses a media type by the ranges and weights of the Accept header. */
#include "accept.h"

#include <strings.h>

#define WEIGHT_MAX 1000
#define BLANKS     " \t"

static size_t trimmed_size(const char *text, size_t size)
{
    while (size > 0 && strchr(BLANKS, text[size - 1]) != NULL)
        size--;
    return size;
}

/* Reads "0.25" as 250. A malformed weight counts as 0, so its range asks for nothing. */
static int read_weight(const char *text, size_t size)
{
    int weight = 0, unit = WEIGHT_MAX;

    if (size == 0 || size > 5 || text[0] < '0' || text[0] > '1' || (size > 1 && text[1] != '.'))
        return 0;
    for (size_t i = 0; i < size; i++) {
        if (i == 1)
            continue;
        if (text[i] < '0' || text[i] > '9')
            return 0;
        weight += (text[i] - '0') * unit;
        unit /= 10;
    }
    return weight <= WEIGHT_MAX ? weight : 0;
}

/* Reads the parameter q of a range and ignores all others. */
static int weight_of(const char *parameters, const char *end)
{
    while (parameters < end) {
        size_t size;

        parameters += strspn(parameters, ";" BLANKS);
        size = strcspn(parameters, ";,");
        if (size >= 2 && strncasecmp(parameters, "q=", 2) == 0)
            return read_weight(parameters + 2, trimmed_size(parameters + 2, size - 2));
        parameters += size;
    }
    return WEIGHT_MAX;
}

/*
 * How exactly a range names the type: 3 itself, 2 type and any subtype, 1 anything, 0 not at all.
 */
static int exactness(const char *range, size_t size, const char *type)
{
    if (size == strlen(type) && strncasecmp(range, type, size) == 0)
        return 3;
    if (size > 2 && memcmp(range + size - 2, "/*", 2) == 0
        && strncasecmp(range, type, size - 1) == 0)
        return 2;
    return size == 3 && memcmp(range, "*/*", 3) == 0 ? 1 : 0;
}

/* The most exact range decides. */
static int weight_for(const char *header, const char *type)
{
    int best = 0, weight = 0;

    while (*header != '\0') {
        size_t size, range;

        header += strspn(header, "," BLANKS);
        size = strcspn(header, ",");
        range = trimmed_size(header, strcspn(header, ";,"));
        if (exactness(header, range, type) > best) {
            best = exactness(header, range, type);
            weight = weight_of(header + range, header + size);
        }
        header += size;
    }
    return weight;
}

int accept_choose(const char *header, const char *const *offered, int count)
{
    int chosen = ACCEPT_NONE, highest = 0;

    if (header[strspn(header, BLANKS)] == '\0')
        return 0;
    for (int i = 0; i < count; i++) {
        int weight = weight_for(header, offered[i]);

        if (weight > highest) {
            highest = weight;
            chosen = i;
        }
    }
    return chosen;
}
