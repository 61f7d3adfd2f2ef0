/*
 * moods.h - what may happen to any payment by chance, each with a probability: unkind payers and
 * banks.
 *
 * All are off until a test sets them. Thread-safe; all share one seeded random sequence.
 */
#ifndef PAYAPI_SANDBOX_FAULTS_MOODS_H
#define PAYAPI_SANDBOX_FAULTS_MOODS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* How long after its creation a refund fails. */
#define MOOD_REFUND_FAILS_AFTER_S (3 * 24 * 3600)

enum mood {
    MOOD_OTHER_AMOUNT,          /* the payer pays 60 % of the amount, or twice as much */
    MOOD_FOREIGN,               /* another program takes money for the same order */
    MOOD_REFUND_FAILS,          /* three days later */
    MOOD_INQUIRY,               /* at Stripe, right after the payment */
    MOOD_STUCK,                 /* at Paystack: ongoing for ever instead of paid */
    MOOD_REVERSED,              /* at Paystack, right after the payment */
    MOOD_COUNT,
};

struct moods;

struct moods *moods_new(void);
void moods_free(struct moods *moods);
void moods_clear(struct moods *moods);

/* {"other_amount":0.1, .., "seed":n}; what is not named stays. False with a reason in why_out. */
bool moods_configure(struct moods *moods, const json_t *described, char *why_out,
                     size_t size_bytes);
json_t *moods_describe(struct moods *moods);

/* Draws whether it happens this time; counts it if so. */
bool moods_strike(struct moods *moods, enum mood mood);

#endif
