/*
 * documents.h - reads the JSON documents that providers send: leniently about members we do not
 * know, strictly about types. A member of another type, or a text too long, counts as absent.
 *
 * Documents come from foreign_json.h; nothing here allocates.
 */
#ifndef PAYAPI_PROVIDERS_DOCUMENTS_H
#define PAYAPI_PROVIDERS_DOCUMENTS_H

#include "infrastructure/providers/shared/foreign_json.h"

/* The text of a member, or "" when absent. Borrowed. */
const char *document_text(const json_t *object, const char *member);
/* False, leaving *number_out alone, when the member is no integer. */
bool document_integer(const json_t *object, const char *member, int64_t *number_out);
bool document_is(const json_t *object, const char *member, const char *text);

/* Copies text that fits; leaves "" when it does not. */
void document_copy(char *to_out, size_t size, const char *text);
/* Copies as many whole UTF-8 characters as fit: for texts that only people read. */
void document_copy_start(char *to_out, size_t size, const char *text);

#endif
