/*
 * documents.h - reads the JSON documents that providers send: ignores members we do not know, but
 * is strict about types. A member of another type, or a text too long, counts as absent.
 *
 * Documents come from foreign_json.h; nothing here allocates.
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_SHARED_DOCUMENTS_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_SHARED_DOCUMENTS_H

#include "infrastructure/providers/shared/foreign_json.h"

/* The text of a member, or "" when absent. Borrowed. */
const char *document_text(const json_t *object, const char *member);
/* False, leaving *number_out alone, when the member is not an integer. */
bool document_integer(const json_t *object, const char *member, int64_t *number_out);
/*
 * A Unix time in seconds, of the years 1970 to 9999. False, leaving *at_s_out alone, for all else.
 */
bool document_time(const json_t *object, const char *member, int64_t *at_s_out);
bool document_is(const json_t *object, const char *member, const char *text);

/* Copies the text if it fits, else leaves "". */
void document_copy(char *to_out, size_t size, const char *text);
/*
 * Copies the address of a page that a payer is sent to; leaves "" unless it is https, or plain http
 * to 127.0.0.1 (the sandbox), and has only the characters of an address (RFC 3986 section 2).
 */
void document_copy_page(char *to_out, size_t size, const char *text);
/* Copies as many whole UTF-8 characters as fit: for texts that only humans read. */
void document_copy_start(char *to_out, size_t size, const char *text);

#endif
