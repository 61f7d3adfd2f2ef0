/*
 * digits.h - prints whole numbers as decimal digits. Every answer, log line and statement is full
 * of them, and printf takes several hundred instructions for each.
 */
#ifndef PAYAPI_BASE_DIGITS_H
#define PAYAPI_BASE_DIGITS_H

#include <stdint.h>

#define DIGITS_TEXT_MAX 22      /* the longest number with its sign and NUL */

/* Writes the number and a NUL; returns the address of the NUL. */
char *digits_print(int64_t number, char *text_out);
char *digits_print_u64(uint64_t number, char *text_out);

/*
 * Writes the last `count` digits of the number, padded with leading zeros; no NUL. Returns the
 * address after them.
 */
char *digits_put(char *next, uint64_t number, int count);

#endif
