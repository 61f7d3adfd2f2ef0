/*
 * paging.h - limit, page and cursor of a list; and the meta that goes with the page.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_PAGING_H
#define PAYAPI_INFRASTRUCTURE_API_PAGING_H

#include "application/store/store.h"
#include "base/text.h"
#include "request.h"

#define PAGE_LIMIT_DEFAULT 20
#define PAGE_LIMIT_MAX     100
#define PAGE_NUMBER_MAX    1000000

/* 422 with pointers when a parameter is no good, or page and cursor come together. */
const struct problem *paging_read(struct ctx *ctx, const struct request *request,
                                  struct order_page_query *query_out);

/* {"limit":20,"page":1,"pages":3,"total":41} or {"limit":20,"nextCursor":"..."} */
void paging_write_meta(struct text *text, const struct order_page_query *query,
                       const struct order_page *page);

#endif
