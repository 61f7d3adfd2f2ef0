/*
 * csv.h - cells of RFC 4180 that a spreadsheet shows and does not run.
 *
 * A text that begins like a formula (= + - @ tab CR) gets an apostrophe in front (OWASP, CSV
 * injection). Numbers of ours stay numbers, negative ones too.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_OUTPUT_CSV_H
#define PAYAPI_INFRASTRUCTURE_API_OUTPUT_CSV_H

#include <stdint.h>

#include "base/text.h"

#define CSV_TYPE "text/csv"

void csv_text(struct text *text, const char *cell);     /* a comma in front unless a row begins */
void csv_number(struct text *text, const char *number); /* digits, point and sign: as they are */
void csv_end_row(struct text *text);                    /* CR LF */

#endif
