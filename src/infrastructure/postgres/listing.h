/*
 * listing.h - a list with filters: a statement for each combination of them, made when it is first
 * wanted.
 *
 * A filter that is not wanted is not in the statement's text. So one plan is right for all calls of
 * a statement, and PostgreSQL plans it once per connection. Whatever the filters select, the plan
 * walks one index downwards from a place, as far as the page goes: the index of the first wanted
 * filter that has one, else the index of the list's key. A caller's value is an argument, or is
 * looked up among the filter's words; it never becomes SQL. For one thread.
 */
#ifndef PAYAPI_INFRASTRUCTURE_POSTGRES_LISTING_H
#define PAYAPI_INFRASTRUCTURE_POSTGRES_LISTING_H

#include "infrastructure/postgres/pg/pg.h"

#define LISTING_FILTERS_MAX 8
#define LISTING_KEYS_MAX    2

struct listing_filter {
    const char        *column;          /* "t.kind" */
    const char        *condition;       /* on it; ? is the value: "= ?" */
    /*
     * The only values, NULL at the end. Each has statements of its own, in which it is a constant:
     * for partial indexes, and for values of which the planner should know how many rows have them.
     * NULL: any value, as an argument.
     */
    const char *const *words;
    bool               has_index;       /* on (column, keys): the list walks along it */
    /*
     * Values that so many rows have that their index leaves them out, NULL at the end: each has
     * statements of its own, which walk along the keys. NULL: the index has all values.
     */
    const char *const *common;
    /* Only its value tells which plan is best: PostgreSQL plans the statement for each call. */
    bool               planned_anew;
};

struct listing {
    const char                  *name;      /* NAME_0, NAME_1 ... are its statements */
    /*
     * "SELECT ... FROM ... WHERE". It joins LATERAL with a LIMIT: other tables are then looked up
     * for the rows of the page, while the planner might read a plain join's from the start.
     */
    const char                  *select;
    const char                  *table;     /* the alias in front of columns: "t" */
    /* Unique together; the list is in their order, newest first. */
    const char                  *keys[LISTING_KEYS_MAX + 1];
    /* "LIMIT $1", of the first arguments, which the caller adds. NULL: rows are only counted. */
    const char                  *limit;
    int                          limit_arguments;
    int                          rows_max;  /* that LIMIT $1 can be */
    const struct listing_filter *filters;
    int                          filter_count;
    struct pg_statement         *made;      /* by combination; filled in here */
};

/* The rows from a place on, which is included, up to another, which is not. */
struct listing_span {
    const char *from;                       /* the first key */
    const char *below[LISTING_KEYS_MAX];    /* a text for each key */
};

/*
 * values: a text for each filter, NULL: not wanted. args: has the limit's arguments; the others are
 * added. Texts must live until pg_wait.
 */
void listing_queue(struct ctx *ctx, struct listing *listing, const struct listing_span *span,
                   const char *const *values, struct pg_args *args, struct pg_rows *rows_out);

/* How many statements the list can have. */
int listing_combinations(const struct listing *listing);

/* Words of a filter: every provider. */
extern const char *const listing_providers[];

/*
 * A span of ids with this prefix, which sort by the time they were made at: since from_ms, before
 * to_ms (0: without end), and before after_id (NULL: from the newest on). In the arena.
 */
struct listing_span listing_span_of_ids(struct ctx *ctx, const char *prefix, int64_t from_ms,
                                        int64_t to_ms, const char *after_id);

/* Each in the file of its list; all of them with NULL at the end. */
extern struct listing movement_listing;
extern struct listing movement_page_listing;
extern struct listing movement_count_listing;
extern struct listing payment_listing;
extern struct listing audit_listing;
extern struct listing inbox_event_listing;
extern struct listing *const listings[];

#endif
