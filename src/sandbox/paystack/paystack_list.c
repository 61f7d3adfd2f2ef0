/* Reads page, perPage and the times of a list, and writes the page with its meta. */
#include <config.h>

#include "paystack_list.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sandbox/http/params.h"

#define CURSOR_PREFIX "c"

struct window {
    int64_t per_page, page;             /* page from 1 */
    int64_t from_s, to_s, seen_until_s;
    int64_t skipped;                    /* before the page */
    bool    by_cursor;                  /* use_cursor=true */
    size_t  below;                      /* by cursor: items before that position */
};

/* What was found for the window. */
struct page {
    json_t     *data;
    int64_t     total, sum;
    const char *next;                   /* by cursor: the last id of the page; NULL at the end */
};

/* A positive number; absent: fallback. */
static bool read_number(struct paystack_call *call, const char *name, const char *other_name,
                        int64_t fallback, int64_t *number_out)
{
    const char *text = url_form_find(&call->query, name);

    if (text == NULL && other_name != NULL)
        text = url_form_find(&call->query, other_name);
    *number_out = fallback;
    if (text == NULL || (params_read_integer(text, number_out) && *number_out > 0))
        return true;
    paystack_reject(call, "invalid_params", "%s must be a positive number", name);
    return false;
}

/* "2026-01-11" or "2026-01-11T10:00:00[.000]Z"; absent: fallback. */
static bool read_moment(struct paystack_call *call, const char *name, int64_t fallback,
                        int64_t *at_s_out)
{
    const char *text = url_form_find(&call->query, name), *end;
    struct tm   parts = { 0 };

    *at_s_out = fallback;
    if (text == NULL)
        return true;
    end = strptime(text, "%Y-%m-%d", &parts);
    if (end != NULL && *end == 'T')
        end = strptime(end, "T%H:%M:%S", &parts);
    if (end != NULL && *end == '.')
        end += 1 + strspn(end + 1, "0123456789");
    if (end == NULL || (*end != '\0' && strcmp(end, "Z") != 0)) {
        paystack_reject(call, "invalid_params", "%s must be a date", name);
        return false;
    }
    *at_s_out = timegm(&parts);
    return true;
}

/* The cursor names the last item of the previous page. */
static bool read_cursor(struct paystack_call *call, const struct paystack_listing *listing,
                        struct window *window)
{
    const char        *wanted = url_form_find(&call->query, "use_cursor");
    const char        *next = url_form_find(&call->query, "next");
    const struct item *last = NULL;

    window->by_cursor = listing->has_cursor && wanted != NULL && strcmp(wanted, "true") == 0;
    window->below = listing->of->count;
    if (!window->by_cursor || next == NULL)
        return true;
    if (strncmp(next, CURSOR_PREFIX, strlen(CURSOR_PREFIX)) == 0)
        last = collection_find(listing->of, next + strlen(CURSOR_PREFIX));
    if (last == NULL) {
        paystack_reject(call, "invalid_params", "next is not a cursor of this list");
        return false;
    }
    window->below = last->position;
    return true;
}

/* A fault may make the list lag or shift, so that it shows other items than it should. */
static void settle_window(struct paystack_call *call, struct window *window)
{
    const struct fault_plan *plan = &call->exchange->plan;

    window->seen_until_s = INT64_MAX;
    if (plan->lag_s != 0)
        window->seen_until_s = sandbox_clock_now_s(call->paystack->clock) - plan->lag_s;
    window->skipped = (window->page - 1) * window->per_page;
    if (window->page > 1)
        window->skipped += plan->shift;
}

static bool read_window(struct paystack_call *call, const struct paystack_listing *listing,
                        struct window *window)
{
    if (!read_cursor(call, listing, window) ||
        !read_number(call, "perPage", "per_page", PAYSTACK_PAGE_DEFAULT, &window->per_page) ||
        !read_number(call, "page", NULL, 1, &window->page) ||
        !read_moment(call, "from", 0, &window->from_s) ||
        !read_moment(call, "to", INT64_MAX, &window->to_s))
        return false;
    if (window->per_page > PAYSTACK_PAGE_MAX)
        window->per_page = PAYSTACK_PAGE_MAX;
    settle_window(call, window);
    return true;
}

static json_t *render_page_size(const struct paystack_listing *listing, int64_t per_page)
{
    char text[24];

    if (!listing->says_page_size_as_text)
        return json_integer(per_page);
    snprintf(text, sizeof text, "%lld", (long long) per_page);
    return json_string(text);
}

static json_t *render_cursor_meta(const struct window *window, const struct page *page)
{
    char next[ITEM_ID_BYTES + sizeof CURSOR_PREFIX];

    snprintf(next, sizeof next, CURSOR_PREFIX "%s", page->next == NULL ? "" : page->next);
    return json_pack("{s:s?, s:n, s:I}", "next", page->next == NULL ? NULL : next, "previous",
                     "perPage", (json_int_t) window->per_page);
}

static json_t *render_meta(const struct paystack_listing *listing, const struct window *window,
                           const struct page *page)
{
    json_t *meta;

    if (window->by_cursor)
        return render_cursor_meta(window, page);
    meta = json_pack("{s:I, s:I, s:o, s:I, s:I}", "total", (json_int_t) page->total,
        "skipped", (json_int_t) ((window->page - 1) * window->per_page),
        "perPage", render_page_size(listing, window->per_page),
        "page", (json_int_t) window->page,
        "pageCount", (json_int_t) ((page->total + window->per_page - 1) / window->per_page));
    if (listing->sum_name != NULL)
        json_object_set_new(meta, listing->sum_name, json_integer(page->sum));
    return meta;
}

static bool is_listed(struct paystack_call *call, const struct paystack_listing *listing,
                      const struct window *window, const struct item *item)
{
    return item->created_s >= window->from_s && item->created_s <= window->to_s &&
           item->created_s <= window->seen_until_s && listing->matches(call, item);
}

static void add_to_page(struct paystack_call *call, const struct paystack_listing *listing,
                        const struct window *window, const struct item *item, struct page *page)
{
    bool is_full = json_array_size(page->data) == (size_t) window->per_page;

    if (!is_full && (window->by_cursor || page->total >= window->skipped)) {
        json_array_append_new(page->data, listing->render(call->paystack, item));
        page->next = window->by_cursor ? item->id : NULL;
    }
    page->total++;
    if (listing->sum_name != NULL)
        page->sum += listing->sum_of(item);
}

void paystack_list_answer(struct paystack_call *call, const struct paystack_listing *listing)
{
    struct window window;
    struct page   page = { 0 };

    if (!read_window(call, listing, &window))
        return;
    page.data = json_array();
    for (size_t i = window.below; i > 0; i--)
        if (is_listed(call, listing, &window, listing->of->items[i - 1]))
            add_to_page(call, listing, &window, listing->of->items[i - 1], &page);
    if (page.total <= window.per_page)          /* by cursor: nothing is left below */
        page.next = NULL;
    http_answer_json(&call->exchange->response, 200,
                     json_pack("{s:b, s:s, s:o, s:o}", "status", 1, "message", listing->message,
                               "data", page.data,
                               "meta", render_meta(listing, &window, &page)));
}
