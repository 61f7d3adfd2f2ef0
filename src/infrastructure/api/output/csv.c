/* Writes CSV cells: quoted when needed, and never taken for a formula. */
#include "csv.h"

static void begin_cell(struct text *text)
{
    if (text->size > 0 && text->data[text->size - 1] != '\n')
        text_append_char(text, ',');
}

static bool begins_a_formula(const char *cell)
{
    return *cell != '\0' && strchr("=+-@\t\r", *cell) != NULL;
}

static void quoted(struct text *text, const char *prefix, const char *cell)
{
    text_append_char(text, '"');
    text_append(text, prefix);
    for (; *cell != '\0'; cell++) {
        if (*cell == '"')
            text_append_char(text, '"');
        text_append_char(text, *cell);
    }
    text_append_char(text, '"');
}

void csv_text(struct text *text, const char *cell)
{
    const char *prefix = begins_a_formula(cell) ? "'" : "";

    begin_cell(text);
    if (strpbrk(cell, "\",\r\n") != NULL)
        quoted(text, prefix, cell);
    else
        text_printf(text, "%s%s", prefix, cell);
}

void csv_number(struct text *text, const char *number)
{
    begin_cell(text);
    text_append(text, number);
}

void csv_end_row(struct text *text)
{
    text_append(text, "\r\n");
}
