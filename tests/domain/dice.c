/* splitmix64 (Vigna), seeded by the test. */
#include "dice.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct dice dice_new(void)
{
    struct dice dice;
    struct timespec now;

    (void) clock_gettime(CLOCK_REALTIME, &now);
    dice.state = (uint64_t) now.tv_sec * 1000003 + (uint64_t) now.tv_nsec + (uint64_t) getpid();
    dice.state = environment_number("PAYAPI_SEED", dice.state);
    (void) printf("# PAYAPI_SEED=%" PRIu64 " repeats this\n", dice.state);
    return dice;
}

/* Sebastiano Vigna's splitmix64 (public domain, 2015). */
uint64_t dice_next(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t dice_below(struct dice *dice, uint64_t limit)
{
    return dice_next(dice) % limit;
}

bool dice_one_in(struct dice *dice, uint64_t count)
{
    return dice_below(dice, count) == 0;
}

uint64_t environment_number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}
