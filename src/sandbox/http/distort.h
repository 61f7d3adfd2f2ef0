/*
 * distort.h - odd texts and nulls in the answers and events of the played providers.
 *
 * JSON text may hold what Jansson refuses to build: a NUL, half of a surrogate pair. Such a place
 * is marked by a character nobody uses, and the mark is replaced when the text leaves.
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

/* Replaces the marks in a JSON text; it is freed when another one is needed. */
char *distort_expand(char *json);

#endif
