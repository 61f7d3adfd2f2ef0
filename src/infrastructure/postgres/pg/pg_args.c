/* Arguments of a statement. */
#include "pg.h"

#include <assert.h>
#include <limits.h>

static void add(struct pg_args *args, const char *value, int size, int format)
{
    assert(args->count < PG_ARGS_MAX);
    args->values[args->count] = value;
    args->sizes[args->count] = size;
    args->formats[args->count] = format;
    args->count++;
}

void pg_text(struct pg_args *args, const char *text)
{
    add(args, text, 0, 0);
}

void pg_text_or_null(struct pg_args *args, const char *text)
{
    pg_text(args, text[0] != '\0' ? text : NULL);
}

void pg_i64(struct pg_args *args, int64_t number)
{
    char *text;

    assert(args->count < PG_ARGS_MAX);
    text = args->numbers[args->count];
    (void) digits_print(number, text);
    add(args, text, 0, 0);
}

void pg_i64_or_null(struct pg_args *args, int64_t number)
{
    if (number != 0)
        pg_i64(args, number);
    else
        pg_text(args, NULL);
}

void pg_bool(struct pg_args *args, bool truth)
{
    pg_text(args, truth ? "t" : "f");
}

void pg_bytes(struct pg_args *args, struct bytes bytes)
{
    assert(bytes.size <= INT_MAX);
    add(args, bytes.size > 0 ? bytes.data : "", (int) bytes.size, 1);
}
