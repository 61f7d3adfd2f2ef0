/* Splits and decodes the query, and refuses names that the route does not allow. */
#include "query.h"

#include <stdlib.h>

#include "base/character.h"
#include "base/text.h"
#include "card_number.h"
#include "fields.h"

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *digit = c != '\0' ? strchr(digits, c) : NULL;

    return digit != NULL ? (int) (digit - digits) % 16 : -1;
}

/* In place: %41 is A, + is a blank. False for a broken escape or a control byte. */
static bool decode(char *text)
{
    char *to = text;

    for (; *text != '\0'; text++) {
        int byte = *text == '+' ? ' ' : (unsigned char) *text;

        if (*text == '%') {
            int high = hex_value(text[1]), low = high >= 0 ? hex_value(text[2]) : -1;

            if (low < 0)
                return false;
            byte = high * 16 + low;
            text += 2;
        }
        if (byte < ' ' || byte == 0x7f)
            return false;
        *to++ = (char) byte;
    }
    *to = '\0';
    return true;
}

/* "name=value", "name", or nothing between two ampersands. */
static void add_item(struct query *query, char *item)
{
    struct query_item *next = &query->items[query->count];
    char *value = item + strcspn(item, "=");

    if (*item == '\0')
        return;
    if (*value == '=')
        *value++ = '\0';
    next->name = item;
    next->value = decode(item) && decode(value) ? value : NULL;
    query->count++;
}

static const struct problem *split(struct ctx *ctx, const char *text, struct query *query_out)
{
    char *rest = arena_strdup(ctx->arena, text), *item;

    *query_out = (struct query) { 0 };
    while ((item = strsep(&rest, "&")) != NULL) {
        if (query_out->count == QUERY_MAX)
            return problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST,
                               "The query has more than %d parameters.", QUERY_MAX);
        add_item(query_out, item);
    }
    return OK;
}

/* name is one of the words of list. */
static bool is_listed(const char *list, const char *name)
{
    size_t size = strlen(name), word;

    for (; *list != '\0'; list += word + strspn(list + word, " ")) {
        word = strcspn(list, " ");
        if (word == size && memcmp(list, name, size) == 0)
            return true;
    }
    return false;
}

void query_fault(struct arena *arena, struct problem **problem, const char *name,
                 const char *detail)
{
    if (*problem == NULL)
        *problem = validation_problem(arena);
    problem_add_parameter(arena, *problem, card_number_is_in(name) ? "***" : name, detail);
}

static const char *fault_of_item(const struct query *query, int index, const char *allowed)
{
    const char *name = query->items[index].name;

    if (!is_listed(allowed, name))
        return "is not a parameter of this request";
    if (query->items[index].value == NULL)
        return "has a broken escape or a control character";
    for (int i = 0; i < index; i++)
        if (strcmp(query->items[i].name, name) == 0)
            return "is given twice";
    return NULL;
}

static const struct problem *check_items(struct ctx *ctx, const struct query *query,
                                         const char *allowed)
{
    struct problem *problem = OK;

    for (int i = 0; i < query->count; i++) {
        const char *fault = fault_of_item(query, i, allowed);

        if (fault != NULL)
            query_fault(ctx->arena, &problem, query->items[i].name, fault);
    }
    return problem;
}

static bool is_utf8(const char *text)
{
    size_t size;

    for (; *text != '\0'; text += size)
        if ((size = character_size(text)) == 0)
            return false;
    return true;
}

/* A name that is not UTF-8 cannot be repeated in an answer. */
static const struct problem *check_text(struct ctx *ctx, const struct query *query)
{
    struct problem *problem = OK;

    for (int i = 0; i < query->count; i++) {
        const struct query_item *item = &query->items[i];
        bool is_named = is_utf8(item->name);

        if (is_named && (item->value == NULL || is_utf8(item->value)))
            continue;
        if (problem == OK)
            problem = problem_new(ctx->arena, PROBLEM_MALFORMED_REQUEST, "The query is not UTF-8.");
        if (is_named)
            query_fault(ctx->arena, &problem, item->name, "is not UTF-8");
    }
    return problem;
}

const struct problem *query_read(struct ctx *ctx, const struct request *request,
                                 const char *allowed, struct query *query_out)
{
    *query_out = (struct query) { 0 };
    if (allowed == NULL)
        return OK;
    TRY(split(ctx, request->query, query_out));
    TRY(check_text(ctx, query_out));
    return check_items(ctx, query_out, allowed);
}

const char *query_find(const struct query *query, const char *name)
{
    for (int i = 0; i < query->count; i++)
        if (strcmp(query->items[i].name, name) == 0)
            return query->items[i].value;
    return NULL;
}

bool query_number(const char *value, int64_t min, int64_t max, int64_t *number_out)
{
    size_t size = strlen(value);
    int64_t number;

    if (size == 0 || strspn(value, "0123456789") != size)
        return false;
    number = strtoll(value, NULL, 10);          /* too many digits give INT64_MAX */
    if (number < min || number > max)
        return false;
    *number_out = number;
    return true;
}
