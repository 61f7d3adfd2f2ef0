/* Query strings, read as a list's parameters: no control byte, no name twice, limits and times in range. */
#include "fuzz.h"

#include "domain/moment.h"
#include "infrastructure/api/input/list_params.h"

#define ALLOWED "limit page cursor orderId paymentId status currency from to text"

static void read_all(struct list_params *params)
{
    int64_t from_ms, to_ms, page = list_page(params);
    int limit = list_limit(params);
    const char *words[] = {
        list_cursor_of(params, "txn"), list_word(params, "status", "pending completed"),
        list_order_id(params, "orderId"), list_payment_id(params, "paymentId"),
        list_currency(params, "currency"), list_text(params, "text", 40),
    };

    list_times(params, &from_ms, &to_ms);
    if (list_params_finish(params) != OK)
        return;
    assert(limit >= 1 && limit <= 100 && page >= 0);
    assert(from_ms >= 0 && from_ms <= MOMENT_MS_MAX && to_ms >= 0 && to_ms <= MOMENT_MS_MAX);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        for (const char *c = words[i]; c != NULL && *c != '\0'; c++)
            assert((unsigned char) *c >= ' ' && *c != 0x7f);
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    struct request request = { .query = fuzz_line(arena, &input) };
    struct ctx ctx = { .arena = arena };
    struct list_params params;
    struct query query;

    if (query_read(&ctx, &request, ALLOWED, &query) != OK)
        return;
    for (int i = 0; i < query.count; i++)
        assert(query_find(&query, query.items[i].name) == query.items[i].value);
    request.parameters = &query;
    params = list_params_of(&ctx, &request);
    read_all(&params);
}
