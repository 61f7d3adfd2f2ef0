/* Makes the statement of a combination of filters, and its arguments in the same order. */
#include "listing.h"

#include <assert.h>
#include <stdlib.h>

#include "base/text.h"
#include "domain/ids.h"
#include "infrastructure/postgres/pg/statements.h"

const char *const listing_providers[] = {
#define PROVIDER(id, name, ...) #name,
#include "application/providers.def"
    NULL
};

/* --- Combinations ---------------------------------------------------------------------------- */

static int word_count(const char *const *words)
{
    int count = 0;

    while (words != NULL && words[count] != NULL)
        count++;
    return count;
}

/* From 1 on; 0: it is none of them. */
static int word_number(const char *const *words, const char *value)
{
    for (int i = 0; i < word_count(words); i++)
        if (strcmp(words[i], value) == 0)
            return i + 1;
    return 0;
}

/* How a filter can be wanted: as one of its words, or else as a common value or an argument. */
static int choice_count(const struct listing_filter *filter)
{
    return filter->words != NULL ? word_count(filter->words) : word_count(filter->common) + 1;
}

static bool is_common(const struct listing_filter *filter, const char *value)
{
    return word_number(filter->common, value) > 0;
}

static bool is_argument(const struct listing_filter *filter, const char *value)
{
    return filter->words == NULL && !is_common(filter, value);
}

/* 0: not wanted; else from 1 on. */
static int choice_of(const struct listing_filter *filter, const char *value)
{
    int number;

    if (value == NULL)
        return 0;
    number = word_number(filter->words != NULL ? filter->words : filter->common, value);
    assert(number > 0 || filter->words == NULL);
    return number > 0 ? number : choice_count(filter);
}

int listing_combinations(const struct listing *listing)
{
    int count = 1;

    for (int i = 0; i < listing->filter_count; i++)
        count *= 1 + choice_count(&listing->filters[i]);
    return count;
}

static int combination_of(const struct listing *listing, const char *const *values)
{
    int number = 0;

    for (int i = 0; i < listing->filter_count; i++)
        number = number * (1 + choice_count(&listing->filters[i]))
                 + choice_of(&listing->filters[i], values[i]);
    return number;
}

static bool is_planned_anew(const struct listing *listing, const char *const *values)
{
    for (int i = 0; i < listing->filter_count; i++)
        if (values[i] != NULL && listing->filters[i].planned_anew)
            return true;
    return false;
}

/* The filter whose index the list walks; NULL: it walks that of its keys. */
static const struct listing_filter *walked_filter(const struct listing *listing,
                                                  const char *const *values)
{
    if (is_planned_anew(listing, values))       /* the planner chooses the index, too */
        return NULL;
    for (int i = 0; i < listing->filter_count; i++)
        if (values[i] != NULL && listing->filters[i].has_index
            && !is_common(&listing->filters[i], values[i]))
            return &listing->filters[i];
    return NULL;
}

/* --- The statement's text -------------------------------------------------------------------- */

static int key_count(const struct listing *listing)
{
    return listing->keys[1] != NULL ? 2 : 1;
}

/* "t.kind, t.transaction_id", each with suffix; the filter's column only if one is walked. */
static void put_order(struct text *sql, const struct listing *listing,
                      const struct listing_filter *walked, int keys, const char *suffix)
{
    if (walked != NULL)
        text_printf(sql, "%s%s, ", walked->column, suffix);
    for (int i = 0; i < keys; i++)
        text_printf(sql, "%s%s%s", i > 0 ? ", " : "", listing->keys[i], suffix);
}

/* "(t.kind, t.transaction_id) < ($5, $2)"; $5 is the walked filter's value. */
static void put_bound(struct text *sql, const struct listing *listing,
                      const struct listing_filter *walked, int walked_argument,
                      const char *operator, int first_argument, int keys)
{
    text_append(sql, "(");
    put_order(sql, listing, walked, keys, "");
    text_printf(sql, ") %s (", operator);
    if (walked != NULL)
        text_printf(sql, "$%d, ", walked_argument);
    for (int i = 0; i < keys; i++)
        text_printf(sql, "%s$%d", i > 0 ? ", " : "", first_argument + i);
    text_append(sql, ")");
}

/* Our own text of it, not the caller's. */
static const char *constant_of(const struct listing_filter *filter, const char *value)
{
    return (filter->words != NULL ? filter->words : filter->common)[choice_of(filter, value) - 1];
}

/* " AND t.provider = 'stripe'" */
static void put_condition(struct text *sql, const struct listing_filter *filter, const char *value,
                          int argument)
{
    size_t before = strcspn(filter->condition, "?");

    text_printf(sql, " AND %s %.*s", filter->column, (int) before, filter->condition);
    if (is_argument(filter, value))
        text_printf(sql, "$%d", argument);
    else
        text_printf(sql, "'%s'", constant_of(filter, value));
    text_append(sql, filter->condition + before + (filter->condition[before] == '?'));
}

/* " AND t.kind NOT IN ('charge')": what the walked filter's index says of its rows. */
static void put_walked(struct text *sql, const struct listing_filter *walked)
{
    if (walked == NULL || walked->common == NULL)
        return;
    text_printf(sql, " AND %s NOT IN (", walked->column);
    for (int i = 0; walked->common[i] != NULL; i++)
        text_printf(sql, "%s'%s'", i > 0 ? ", " : "", walked->common[i]);
    text_append(sql, ")");
}

/*
 * The span as comparisons of rows: an index on (column, keys) then begins at the very place, and no
 * other index has this order. Arguments: the limit's, below, from, the filters'.
 */
static void put_where(struct text *sql, const struct listing *listing, const char *const *values)
{
    const struct listing_filter *walked = walked_filter(listing, values);
    const int keys = key_count(listing);
    int below = listing->limit_arguments + 1;
    int argument = below + keys, walked_argument = 0;
    struct text conditions = text_new(sql->arena);

    for (int i = 0; i < listing->filter_count; i++) {
        if (values[i] == NULL)
            continue;
        if (is_argument(&listing->filters[i], values[i]))
            argument++;
        if (&listing->filters[i] == walked)
            walked_argument = argument;
        else
            put_condition(&conditions, &listing->filters[i], values[i], argument);
    }
    put_bound(sql, listing, walked, walked_argument, "<", below, keys);
    text_append(sql, " AND ");
    put_bound(sql, listing, walked, walked_argument, ">=", below + keys, 1);
    put_walked(sql, walked);
    text_append_bytes(sql, text_bytes(&conditions));
}

/*
 * The outer LIMIT is a constant, as PostgreSQL takes LIMIT $1 for a tenth of all rows, and would
 * think that sorting them were cheaper than to walk along an index.
 */
static char *statement_text(struct arena *arena, const struct listing *listing,
                            const char *const *values)
{
    const struct listing_filter *walked = walked_filter(listing, values);
    struct text sql = text_new(arena);
    struct text order = text_new(arena);

    if (listing->limit == NULL) {
        text_printf(&sql, "%s ", listing->select);
        put_where(&sql, listing, values);
        return sql.data;
    }
    put_order(&order, listing, walked, key_count(listing), " DESC");
    text_printf(&sql, "SELECT * FROM (%s ", listing->select);
    put_where(&sql, listing, values);
    text_printf(&sql, " ORDER BY %s %s) AS %s ORDER BY %s LIMIT %d", order.data, listing->limit,
                listing->table, order.data, listing->rows_max);
    return sql.data;
}

/* --- Made once per process -------------------------------------------------------------------- */

static char *keep(const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        abort();
    return copy;
}

static void make(struct arena *arena, struct listing *listing, int number,
                 const char *const *values)
{
    listing->made[number] = (struct pg_statement) {
        .name = keep(arena_printf(arena, "%s_%d", listing->name, number)),
        .sql = keep(statement_text(arena, listing, values)),
    };
}

static const struct pg_statement *statement_of(struct arena *arena, struct listing *listing,
                                               const char *const *values)
{
    const int number = combination_of(listing, values);

    if (listing->made == NULL)
        listing->made = calloc((size_t) listing_combinations(listing), sizeof(*listing->made));
    if (listing->made == NULL)
        abort();
    if (listing->made[number].name == NULL)
        make(arena, listing, number, values);
    return &listing->made[number];
}

void listing_queue(struct ctx *ctx, struct listing *listing, const struct listing_span *span,
                   const char *const *values, struct pg_args *args, struct pg_rows *rows_out)
{
    assert(args->count == listing->limit_arguments);
    assert(args->count == 0 || atoi(args->values[0]) <= listing->rows_max);
    for (int i = 0; i < key_count(listing); i++)
        pg_text(args, span->below[i]);
    pg_text(args, span->from);
    for (int i = 0; i < listing->filter_count; i++)
        if (values[i] != NULL && is_argument(&listing->filters[i], values[i]))
            pg_text(args, values[i]);
    if (is_planned_anew(listing, values))
        transaction_plan_anew(ctx);
    pg_queue_many(ctx, statement_of(ctx->arena, listing, values), args, rows_out);
}

/* --- Spans of ids ----------------------------------------------------------------------------- */

/* The least id that can be made at this time. */
static const char *least_id(struct ctx *ctx, const char *prefix, int64_t at_ms)
{
    static const unsigned char least[ID_RANDOM_BYTES];
    char *id = arena_alloc(ctx->arena, ID_TEXT_MAX);

    id_print(prefix, at_ms, least, id);
    return id;
}

struct listing_span listing_span_of_ids(struct ctx *ctx, const char *prefix, int64_t from_ms,
                                        int64_t to_ms, const char *after_id)
{
    /* Above all ids: the first of their 26 characters is 7 at most. */
    const char *below = to_ms != 0 ? least_id(ctx, prefix, to_ms)
                                   : arena_printf(ctx->arena, "%s_8", prefix);

    if (after_id != NULL && strcmp(after_id, below) < 0)
        below = after_id;
    return (struct listing_span) { .from = least_id(ctx, prefix, from_ms), .below = { below } };
}

struct listing *const listings[] = {
    &movement_listing, &movement_page_listing, &movement_count_listing, &payment_listing,
    &audit_listing, &inbox_event_listing, NULL
};
