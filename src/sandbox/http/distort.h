/*
 * distort.h - odd texts and nulls in the answers and events of the played providers.
 *
 * JSON text may hold characters that Jansson refuses to build: a NUL, half of a surrogate pair. An
 * otherwise unused character marks such a place and is replaced before the text is sent.
 */
#ifndef PAYAPI_SANDBOX_HTTP_DISTORT_H
#define PAYAPI_SANDBOX_HTTP_DISTORT_H

#include <jansson.h>
#include <stdbool.h>

/* "nul", "surrogate", "rtl", "emoji", "all"; "" too. */
bool distort_text_is_known(const char *which);

/*
 * Puts that text into each free text of the object and of all below it: names, notes, the words of
 * banks; and into their metadata, as one more member.
 */
void distort_texts(json_t *value, const char *which);

/* Sets the members of those names (NULL-terminated) to null, in the object and all below it. */
void distort_nulls(json_t *value, const char *const *names);

/* Replaces the marks in a JSON text. Returns the same text, or frees it and returns a new one. */
char *distort_expand(char *json);

#endif
