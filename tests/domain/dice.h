/*
 * dice.h - random numbers for tests: splitmix64, repeatable from a seed that is always printed.
 */
#ifndef PAYAPI_TESTS_DOMAIN_DICE_H
#define PAYAPI_TESTS_DOMAIN_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

/* From PAYAPI_SEED, or a new seed each time. Prints how to repeat the run. */
struct dice dice_new(void);
uint64_t    dice_next(struct dice *dice);
uint64_t    dice_below(struct dice *dice, uint64_t limit);      /* 0..limit-1 */
bool        dice_one_in(struct dice *dice, uint64_t count);

/* A number from the environment, or the default. */
uint64_t environment_number(const char *name, uint64_t otherwise);

#endif
