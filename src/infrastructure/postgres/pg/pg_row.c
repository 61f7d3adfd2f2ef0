/* Columns of a row as values, by name. */
#include "pg.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pg_row pg_row_at(const struct pg_rows *rows, int number)
{
    assert(number >= 0 && number < rows->count);
    return (struct pg_row) { rows->result, number, 0, PQnfields(rows->result) };
}

/*
 * Like PQfnumber, but does not copy the name for every look-up. Rows are read in the order of their
 * columns, so the search starts after the column found last, whichever result that was in.
 */
static int column_number(struct pg_row row, const char *column)
{
    static _Thread_local int found = -1;

    for (int tries = row.first; tries < row.end; tries++) {
        found = found + 1 >= row.first && found + 1 < row.end ? found + 1 : row.first;
        if (strcmp(PQfname(row.result, found), column) == 0)
            return found;
    }
    return -1;
}

struct pg_row pg_row_part(struct pg_row row, const char *first, const char *next)
{
    struct pg_row part = row;

    part.first = column_number(row, first);
    part.end = next != NULL ? column_number(row, next) : row.end;
    assert(part.first >= row.first && part.end > part.first);
    return part;
}

const char *pg_row_text(struct pg_row row, const char *column)
{
    int number = column_number(row, column);

    assert(number >= 0);
    return PQgetvalue(row.result, row.number, number);
}

int64_t pg_row_i64(struct pg_row row, const char *column)
{
    const char *text = pg_row_text(row, column);
    char *end;
    long long number;

    if (text[0] == '\0')
        return 0;
    errno = 0;
    number = strtoll(text, &end, 10);
    assert(errno == 0 && *end == '\0');
    return number;
}

bool pg_row_bool(struct pg_row row, const char *column)
{
    return pg_row_text(row, column)[0] == 't';
}

/* Only we write these columns, from members of the same size. */
void pg_row_copy(struct pg_row row, const char *column, char *text_out, size_t size)
{
    const char *text = pg_row_text(row, column);
    size_t length = strlen(text);

    assert(length < size);
    memcpy(text_out, text, length + 1);
}

static void release_bytes(void *bytes)
{
    PQfreemem(bytes);
}

struct bytes pg_row_bytes(struct arena *arena, struct pg_row row, const char *column)
{
    struct bytes bytes;
    unsigned char *data = PQunescapeBytea((const unsigned char *) pg_row_text(row, column),
                                          &bytes.size);

    assert(data != NULL);
    bytes.data = arena_adopt(arena, data, release_bytes);
    return bytes;
}
