/* Reads the cursors of a list, and writes the page. */
#include "stripe_list.h"

#include "sandbox/http/params.h"

#define LIST_LIMIT_DEFAULT 10
#define LIST_LIMIT_MAX     100

/* Where to walk: from start, up or down; an index outside the list ends it on either side. */
struct walk {
    size_t  start;
    bool    is_upward;
    int64_t limit;
};

/* Checks created, created[gt] and the like; an absent one holds for every item. */
static bool is_in_time(const struct url_form *form, int64_t created_s)
{
    const char *equal = url_form_find(form, "created"), *gt = url_form_find(form, "created[gt]");
    const char *gte = url_form_find(form, "created[gte]"), *lt = url_form_find(form, "created[lt]");
    const char *lte = url_form_find(form, "created[lte]");
    int64_t     at_s;

    return (equal == NULL || (params_read_integer(equal, &at_s) && created_s == at_s)) &&
           (gt == NULL || (params_read_integer(gt, &at_s) && created_s > at_s)) &&
           (gte == NULL || (params_read_integer(gte, &at_s) && created_s >= at_s)) &&
           (lt == NULL || (params_read_integer(lt, &at_s) && created_s < at_s)) &&
           (lte == NULL || (params_read_integer(lte, &at_s) && created_s <= at_s));
}

/* Index of the first item at or behind that position. */
static size_t index_of(const struct stripe_listing *listing, size_t position)
{
    size_t low = 0, high = listing->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (listing->items[middle]->position < position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool read_limit(struct stripe_call *call, int64_t *limit_out)
{
    const char *text = url_form_find(call->form, "limit");
    int64_t     limit = LIST_LIMIT_DEFAULT;

    if (text != NULL && (!params_read_integer(text, &limit) || limit < 1 ||
                         limit > LIST_LIMIT_MAX)) {
        stripe_reject(call, "parameter_invalid_integer", "limit",
                      "This value must be between 1 and %d.", LIST_LIMIT_MAX);
        return false;
    }
    *limit_out = limit;
    return true;
}

/* Turns the cursors into a walk; a start just outside the list ends it at once. */
static bool read_walk(struct stripe_call *call, const struct stripe_listing *listing,
                      struct walk *walk)
{
    const char        *after = url_form_find(call->form, "starting_after");
    const char        *before = url_form_find(call->form, "ending_before");
    const char        *cursor = after != NULL ? after : before;
    const struct item *item;

    if (!read_limit(call, &walk->limit))
        return false;
    if (after != NULL && before != NULL) {
        stripe_reject(call, NULL, "ending_before",
                      "You cannot parameterize `starting_after` and `ending_before` together.");
        return false;
    }
    walk->is_upward = before != NULL;
    walk->start = listing->count - 1;
    if (cursor == NULL)
        return true;
    item = collection_find(listing->cursors, cursor);
    if (item == NULL) {
        stripe_fail_missing(call, "object", cursor,
                            after != NULL ? "starting_after" : "ending_before");
        return false;
    }
    walk->start = walk->is_upward ? index_of(listing, item->position + 1)
                                  : index_of(listing, item->position) - 1;
    return true;
}

void stripe_list_answer(struct stripe_call *call, const struct stripe_listing *listing)
{
    const struct fault_plan *plan = &call->exchange->plan;
    int64_t     now_s = sandbox_clock_now_s(call->stripe->clock);
    int64_t     seen_until_s = plan->lag_s == 0 ? INT64_MAX : now_s - plan->lag_s;
    json_t     *data;
    struct walk walk;
    bool        has_more = false;

    if (!read_walk(call, listing, &walk))
        return;
    if (url_form_find(call->form, "starting_after") != NULL)
        walk.start -= (size_t) plan->shift;     /* backwards: -1 gives the last item again */
    data = json_array();
    /* Below 0 the index wraps round and is no longer below count. */
    for (size_t i = walk.start; i < listing->count; i = walk.is_upward ? i + 1 : i - 1) {
        const struct item *item = listing->items[i];

        if (item->created_s > seen_until_s || !is_in_time(call->form, item->created_s) ||
            !listing->matches(call, item))
            continue;
        has_more = json_array_size(data) == (size_t) walk.limit;
        if (has_more)
            break;
        json_array_insert_new(data, walk.is_upward ? 0 : json_array_size(data),
                              listing->render(call->stripe, item));
    }
    stripe_answer(call, json_pack("{s:s, s:o, s:b, s:s}", "object", "list", "data", data,
                                  "has_more", has_more, "url", listing->url));
}
