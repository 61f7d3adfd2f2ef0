/*
 * card_number.h - finds what looks like the number of a payment card. Pure.
 *
 * We never want one: the payer types it at the provider's page, and a shop that puts it into a
 * description would make us, our backups and our logs part of its card environment (PCI DSS 4.0.1).
 * Source: ISO/IEC 7812-1 (13 to 19 digits, Luhn's check digit; issuers of cards begin with 22..27
 * or 3 to 6), and how cards print them: 4-4-4-4, 4-4-4-4-3, 4-6-5, 4-6-4; digits and separators of
 * other scripts: Unicode 14.0.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_INPUT_CARD_NUMBER_H
#define PAYAPI_INFRASTRUCTURE_API_INPUT_CARD_NUMBER_H

#include "base/bytes.h"

/*
 * Anywhere in the text: in one piece, in printed groups, or in groups of one size with the same
 * between all of them. Between groups stand up to three blanks, hyphens, points or characters that
 * are not seen. Digits of any script count, and what addresses write for characters (%34).
 */
MUST_CHECK bool card_number_is_in(const char *text);

#endif
