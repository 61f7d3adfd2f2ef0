/* Reads limit, page, cursor and filters; writes cursors and the meta of a page. */
#include "list_params.h"

#include <inttypes.h>

#include "base/bytes.h"
#include "base/json_out.h"
#include "domain/currency.h"
#include "domain/ids.h"
#include "domain/moment.h"
#include "infrastructure/api/http/router.h"
#include "infrastructure/auth/base64url.h"

#define CURSOR_TEXT_MAX 128

struct list_params list_params_of(struct ctx *ctx, const struct request *request)
{
    return (struct list_params) { .arena = ctx->arena, .query = request->parameters };
}

void list_fault(struct list_params *params, const char *name, const char *detail)
{
    query_fault(params->arena, &params->problem, name, detail);
}

const struct problem *list_params_finish(struct list_params *params)
{
    return params->problem;
}

/* --- Position ------------------------------------------------------------------------------ */

static int64_t read_number(struct list_params *params, const char *name, int64_t fallback,
                           int64_t max)
{
    const char *value = query_find(params->query, name);
    int64_t number = fallback;

    if (value != NULL && !query_number(value, 1, max, &number))
        list_fault(params, name, arena_printf(params->arena,
                                              "must be a whole number from 1 to %" PRId64, max));
    return number;
}

int list_limit(struct list_params *params)
{
    return (int) read_number(params, "limit", PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX);
}

int64_t list_page(struct list_params *params)
{
    return read_number(params, "page", 0, PAGE_NUMBER_MAX);
}

const char *list_cursor_print_of(struct arena *arena, const char *list, const char *position)
{
    return base64url_encode(arena, bytes_of(arena_printf(arena, "%s:%s", list, position)));
}

static const char *decode_cursor(struct arena *arena, const char *text)
{
    struct bytes plain;

    if (strnlen(text, CURSOR_TEXT_MAX + 1) > CURSOR_TEXT_MAX ||
        !base64url_decode(arena, bytes_of(text), &plain) || plain.size != strlen(plain.data))
        return NULL;
    return plain.data;
}

void list_cursor_fault(struct list_params *params)
{
    list_fault(params, "cursor", "is not a nextCursor of this list");
}

/* With the list's name in front. */
static const char *read_cursor(struct list_params *params)
{
    const char *value = query_find(params->query, "cursor"), *position;

    if (value == NULL)
        return NULL;
    if (query_find(params->query, "page") != NULL) {
        list_fault(params, "cursor", "cannot be combined with page");
        return NULL;
    }
    position = decode_cursor(params->arena, value);
    if (position == NULL)
        list_cursor_fault(params);
    return position;
}

const char *list_cursor_of(struct list_params *params, const char *list)
{
    const char *position = read_cursor(params);
    size_t size = strlen(list);

    if (position == NULL)
        return NULL;
    if (strncmp(position, list, size) == 0 && position[size] == ':')
        return position + size + 1;
    list_cursor_fault(params);
    return NULL;
}

const char *list_cursor_id(struct list_params *params, const char *prefix)
{
    const char *id = list_cursor_of(params, prefix);

    if (id != NULL && !id_is_valid(prefix, id))
        list_cursor_fault(params);
    return id;
}

/* --- Filters ------------------------------------------------------------------------------- */

const char *list_word(struct list_params *params, const char *name, const char *words)
{
    const char *value = query_find(params->query, name);

    if (value != NULL && !bytes_are_one_of(bytes_of(value), words))
        list_fault(params, name, arena_printf(params->arena, "must be one of: %s", words));
    return value;
}

const char *list_order_id(struct list_params *params, const char *name)
{
    const char *value = query_find(params->query, name);
    struct order_id id;

    if (value != NULL && !order_id_parse(value, &id))
        list_fault(params, name, "must be 1 to 64 characters of A-Z a-z 0-9 . _ -");
    return value;
}

const char *list_payment_id(struct list_params *params, const char *name)
{
    const char *value = query_find(params->query, name);
    struct payment_id id;

    if (value != NULL && !payment_id_parse(value, &id))
        list_fault(params, name, "must be the id of a payment: pay_ and 26 characters");
    return value;
}

const char *list_currency(struct list_params *params, const char *name)
{
    const char *value = query_find(params->query, name);

    if (value != NULL && currency_find(value) == NULL)
        list_fault(params, name, "must be an ISO 4217 code in upper case, like USD");
    return value;
}

const char *list_text(struct list_params *params, const char *name, size_t bytes_max)
{
    const char *value = query_find(params->query, name);

    if (value != NULL && (*value == '\0' || strlen(value) > bytes_max))
        list_fault(params, name, arena_printf(params->arena, "must have 1 to %zu bytes",
                                              bytes_max));
    return value;
}

static int64_t read_time(struct list_params *params, const char *name)
{
    const char *value = query_find(params->query, name);
    int64_t at_ms = 0;

    if (value != NULL && !moment_parse(value, &at_ms))
        list_fault(params, name, "must be a time like 2026-11-23T09:15:27Z (a + written as %2B)");
    return value != NULL && at_ms == 0 ? 1 : at_ms;     /* 0 stands for absent */
}

void list_span(struct list_params *params, const char *from, const char *to, int64_t *from_ms_out,
               int64_t *to_ms_out)
{
    *from_ms_out = read_time(params, from);
    *to_ms_out = read_time(params, to);
    if (*from_ms_out != 0 && *to_ms_out != 0 && *from_ms_out >= *to_ms_out)
        list_fault(params, to, arena_printf(params->arena, "must be later than %s", from));
}

void list_times(struct list_params *params, int64_t *from_ms_out, int64_t *to_ms_out)
{
    list_span(params, "from", "to", from_ms_out, to_ms_out);
}

/* --- Meta ---------------------------------------------------------------------------------- */

const char *list_meta(struct arena *arena, int limit, const char *next)
{
    struct text meta = json_out_begin(arena);

    json_out_i64(&meta, "limit", limit);
    json_out_text(&meta, "nextCursor", next);
    return json_out_end(&meta).data;
}

const char *list_meta_page(struct arena *arena, int limit, int64_t page, int64_t total)
{
    struct text meta = json_out_begin(arena);

    json_out_i64(&meta, "limit", limit);
    json_out_i64(&meta, "page", page);
    json_out_i64(&meta, "pages", (total + limit - 1) / limit);
    json_out_i64(&meta, "total", total);
    return json_out_end(&meta).data;
}
