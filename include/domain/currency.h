/*
 * currency.h - ISO 4217: every active currency code and its number of minor digits (0, 2, 3, 4).
 *
 * A provider may count differently (Stripe's MGA): its adapter has its own table for that. Source:
 * ISO 4217 list one (2024-06-25 and amendments up to 2026: HRK, CUC, SLL and ANG are gone, XCG is
 * new).
 */
#ifndef PAYAPI_DOMAIN_CURRENCY_H
#define PAYAPI_DOMAIN_CURRENCY_H

#include <stdbool.h>
#include <stddef.h>

struct currency {
    char code[4];               /* "USD" */
    int  exponent;              /* 2: one major unit is 10^2 minor units */
};

/* The currency of an upper-case code, or NULL. Static storage. Binary search. */
const struct currency *currency_find(const char *code);
/* The whole table, sorted by code: for tests and documentation. */
const struct currency *currency_table(size_t *count_out);

#endif
