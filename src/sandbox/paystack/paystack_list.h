/*
 * paystack_list.h - Paystack's pages, newest first, with meta.
 *
 * Reads perPage (or per_page), page, from and to from the call. An item made between two pages
 * shifts the rest by one; it does not affect a list read by cursor (use_cursor=true, next).
 * from and to are compared with the time of creation.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_LIST_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_LIST_H

#include "paystack_call.h"

#define PAYSTACK_PAGE_DEFAULT 50
#define PAYSTACK_PAGE_MAX     100       /* even if the call asks for more */

struct paystack_listing {
    const char              *message;
    const struct collection *of;
    bool                     says_page_size_as_text;    /* as GET /refund does */
    bool                     has_cursor;                /* takes use_cursor and next */
    const char              *sum_name;                  /* a member of meta; NULL without one */
    int64_t (*sum_of)(const struct item *item);         /* what each item adds to it */
    bool  (*matches)(const struct paystack_call *call, const struct item *item);
    json_t *(*render)(const struct paystack *paystack, const struct item *item);
};

void paystack_list_answer(struct paystack_call *call, const struct paystack_listing *listing);

#endif
