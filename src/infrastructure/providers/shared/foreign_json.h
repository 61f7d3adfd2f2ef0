/*
 * foreign_json.h - reads as much as possible of what a provider sent. Its texts hold what payers
 * typed and what other programs stored: half a surrogate pair, a NUL, bytes that are not UTF-8.
 * None of that makes the document unreadable, nor the list that holds it. Source: RFC 8259 sections
 * 7 and 8.2 (unpaired surrogates have no defined meaning).
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_SHARED_FOREIGN_JSON_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_SHARED_FOREIGN_JSON_H

#include "infrastructure/json_parse.h"

/*
 * A copy of the same size in which every string is text: \u0000 and halves of surrogate pairs
 * become \ufffd, control bytes become blanks, and bytes that are not UTF-8 become question marks.
 * Only for parsing: we store the bytes as they came.
 */
struct bytes foreign_json_tidy(struct arena *arena, struct bytes text);
/* The object in the text, tidied, or NULL: as json_parse_object. */
json_t *foreign_json_object(struct arena *arena, struct bytes text);

#define FOREIGN_LIST_MAX 100            /* the most that either provider lists at once */

/* An object with a list, split into items without reading the items. */
struct foreign_list {
    struct bytes  items[FOREIGN_LIST_MAX];      /* the bytes of each: borrowed from the text */
    int           count;
    const json_t *envelope;             /* the object, its list empty */
};
/*
 * member: the name of the list. False: there is no such list, or the rest of the object is
 * unreadable.
 */
MUST_CHECK bool foreign_list_read(struct arena *arena, struct bytes text, const char *member,
                                  struct foreign_list *list_out);

#endif
