/*
 * list_params.h - limit, position and filters of a list, read with all their faults; and the meta
 * that goes with a page.
 *
 * Like fields.h for the query: a reader notes what is wrong under the parameter's name and goes on;
 * list_params_finish tells it all. A parameter that is absent is NULL or 0.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_INPUT_LIST_PARAMS_H
#define PAYAPI_INFRASTRUCTURE_API_INPUT_LIST_PARAMS_H

#include "base/text.h"
#include "query.h"

#define PAGE_LIMIT_DEFAULT 20
#define PAGE_LIMIT_MAX     100
#define PAGE_NUMBER_MAX    1000000

struct list_params {
    struct arena       *arena;
    const struct query *query;
    struct problem     *problem;        /* NULL while all is well */
};

struct list_params list_params_of(struct ctx *ctx, const struct request *request);

int     list_limit(struct list_params *params);     /* PAGE_LIMIT_DEFAULT when absent */
int64_t list_page(struct list_params *params);      /* 0: cursor mode */

/*
 * Positions. A cursor is opaque to the client. It grants nothing, because every page is limited to
 * the caller's own rows; so it is not signed and must only be well-formed. NULL: from the newest
 * on.
 */
/* A position within a named list ("aud"); a cursor of another list is a fault. */
const char *list_cursor_of(struct list_params *params, const char *list);
const char *list_cursor_print_of(struct arena *arena, const char *list, const char *position);
/* A position that is an id, in the list named by the id's prefix ("txn", "pay"). */
const char *list_cursor_id(struct list_params *params, const char *prefix);
void        list_cursor_fault(struct list_params *params);

const char *list_word(struct list_params *params, const char *name, const char *words);
const char *list_order_id(struct list_params *params, const char *name);
const char *list_payment_id(struct list_params *params, const char *name);
const char *list_currency(struct list_params *params, const char *name);
const char *list_text(struct list_params *params, const char *name, size_t bytes_max);
/* from and to: RFC 3339; from must be before to. */
void        list_times(struct list_params *params, int64_t *from_ms_out, int64_t *to_ms_out);
/* The same of parameters with these names. */
void        list_span(struct list_params *params, const char *from, const char *to,
                      int64_t *from_ms_out, int64_t *to_ms_out);

void list_fault(struct list_params *params, const char *name, const char *detail);
const struct problem *list_params_finish(struct list_params *params);

/* {"limit":20,"nextCursor":"..."}; next NULL: there is no more. */
const char *list_meta(struct arena *arena, int limit, const char *next);
/* {"limit":20,"page":1,"pages":3,"total":41} */
const char *list_meta_page(struct arena *arena, int limit, int64_t page, int64_t total);

#endif
