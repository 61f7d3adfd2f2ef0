/*
 * list_params.h - limit, position and filters of a list, read with all their faults.
 *
 * Like fields.h for the query: a reader notes what is wrong under the parameter's name and goes on;
 * list_params_finish tells it all. A parameter that is absent is NULL or 0.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_LIST_PARAMS_H
#define PAYAPI_INFRASTRUCTURE_API_LIST_PARAMS_H

#include "base/text.h"
#include "query.h"

struct list_params {
    struct arena   *arena;
    struct query    query;
    struct problem *problem;            /* NULL while all is well */
};

const struct problem *list_params_read(struct ctx *ctx, const struct request *request,
                                       struct list_params *params_out);

int     list_limit(struct list_params *params);     /* PAGE_LIMIT_DEFAULT when absent */
int64_t list_page(struct list_params *params);      /* 0: cursor mode */
/*
 * A position that list_cursor_print wrote for the same list ("txn", "pay", "aud"); NULL: the newest.
 * It grants nothing, so it is not signed: it must only be well-formed.
 */
const char *list_cursor(struct list_params *params, const char *list);
const char *list_cursor_print(struct arena *arena, const char *list, const char *position);

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
