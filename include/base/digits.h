/*
 * digits.h - whole numbers as decimal digits. Every answer, log line and statement is full of them,
 * and printf takes several hundred instructions for each.
 */
#ifndef PAYAPI_BASE_DIGITS_H
#define PAYAPI_BASE_DIGITS_H

#include <stdint.h>

#define DIGITS_TEXT_MAX 22      /* the longest of them with a sign and the NUL */

/* The number and a NUL; returns where the NUL stands. */
char *digits_print(int64_t number, char *text_out);
char *digits_print_u64(uint64_t number, char *text_out);

/*
 * The last `count` digits of the number, zeros in front where it has fewer; no NUL. Returns what
 * follows.
 */
char *digits_put(char *next, uint64_t number, int count);

#endif
