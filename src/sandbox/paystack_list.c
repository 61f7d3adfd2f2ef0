#include <config.h>

#include "paystack_list.h"

#include "params.h"
#include "paystack_error.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct window {
    int64_t per_page, page;             /* page from 1 */
    int64_t from_s, to_s;
};

/* A positive number; absent: fallback. */
static bool read_number(struct paystack_call *call, const char *name, const char *other_name,
                        int64_t fallback, int64_t *number_out)
{
    const char *text = form_find(&call->query, name);

    if (text == NULL && other_name != NULL)
        text = form_find(&call->query, other_name);
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
    const char *text = form_find(&call->query, name), *end;
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

static bool read_window(struct paystack_call *call, struct window *window)
{
    if (!read_number(call, "perPage", "per_page", PAYSTACK_PAGE_DEFAULT, &window->per_page) ||
        !read_number(call, "page", NULL, 1, &window->page) ||
        !read_moment(call, "from", 0, &window->from_s) ||
        !read_moment(call, "to", INT64_MAX, &window->to_s))
        return false;
    if (window->per_page > PAYSTACK_PAGE_MAX)
        window->per_page = PAYSTACK_PAGE_MAX;
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

static json_t *render_meta(const struct paystack_listing *listing, const struct window *window,
                           int64_t total)
{
    return json_pack("{s:I, s:I, s:o, s:I, s:I}", "total", (json_int_t) total,
        "skipped", (json_int_t) ((window->page - 1) * window->per_page),
        "perPage", render_page_size(listing, window->per_page),
        "page", (json_int_t) window->page,
        "pageCount", (json_int_t) ((total + window->per_page - 1) / window->per_page));
}

void paystack_list_answer(struct paystack_call *call, const struct paystack_listing *listing)
{
    struct window window;
    int64_t       total = 0;
    json_t       *data;

    if (!read_window(call, &window))
        return;
    data = json_array();
    for (size_t i = listing->of->count; i > 0; i--) {
        const struct item *item = listing->of->items[i - 1];

        if (item->created_s < window.from_s || item->created_s > window.to_s ||
            !listing->matches(call, item))
            continue;
        if (total / window.per_page == window.page - 1)
            json_array_append_new(data, listing->render(call->paystack, item));
        total++;
    }
    http_answer_json(&call->exchange->response, 200,
                     json_pack("{s:b, s:s, s:o, s:o}", "status", 1, "message", listing->message,
                               "data", data, "meta", render_meta(listing, &window, total)));
}
