/* Parses a moment in time, strictly. */
#include "domain/moment.h"

#define DAY_S 86400

/* Reads exactly digits digits as a number min..max, and moves past them. */
static bool read_digits(const char **text, int digits, int min, int max, int *number_out)
{
    int number = 0;

    for (int i = 0; i < digits; i++) {
        if ((*text)[i] < '0' || (*text)[i] > '9')
            return false;
        number = number * 10 + ((*text)[i] - '0');
    }
    *text += digits;
    *number_out = number;
    return number >= min && number <= max;
}

static bool read_mark(const char **text, const char *marks)
{
    if (**text == '\0' || strchr(marks, **text) == NULL)
        return false;
    ++*text;
    return true;
}

static bool is_leap_year(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return days[month - 1] + (month == 2 && is_leap_year(year));
}

/* Days since 1970-01-01. */
static int64_t day_number(int year, int month, int day)
{
    int before = year - 1;
    int64_t number = 365 * (int64_t) before + before / 4 - before / 100 + before / 400 - 719162;

    for (int each = 1; each < month; each++)
        number += days_of_month(year, each);
    return number + day - 1;
}

static bool read_date(const char **text, int64_t *days_out)
{
    int year, month, day;

    if (!read_digits(text, 4, 1970, 9999, &year) || !read_mark(text, "-") ||
        !read_digits(text, 2, 1, 12, &month) || !read_mark(text, "-") ||
        !read_digits(text, 2, 1, days_of_month(year, month), &day))
        return false;
    *days_out = day_number(year, month, day);
    return true;
}

static bool read_time(const char **text, int *seconds_out)
{
    int hour, minute, second;

    if (!read_digits(text, 2, 0, 23, &hour) || !read_mark(text, ":") ||
        !read_digits(text, 2, 0, 59, &minute) || !read_mark(text, ":") ||
        !read_digits(text, 2, 0, 60, &second))
        return false;
    *seconds_out = hour * 3600 + minute * 60 + second;
    return true;
}

/* ".5" is 500; no fraction is 0. */
static bool read_fraction(const char **text, int *milliseconds_out)
{
    int digits = 0, value = 0;

    if (read_mark(text, ".")) {
        for (; **text >= '0' && **text <= '9'; ++*text, digits++)
            if (digits < 3)
                value = value * 10 + (**text - '0');
        if (digits == 0 || digits > 9)
            return false;
        for (; digits < 3; digits++)
            value *= 10;
    }
    *milliseconds_out = value;
    return true;
}

static bool read_offset(const char **text, int *seconds_out)
{
    int sign = **text == '-' ? -1 : 1, hours, minutes;

    *seconds_out = 0;
    if (read_mark(text, "Zz"))
        return true;
    if (!read_mark(text, "+-") || !read_digits(text, 2, 0, 23, &hours) || !read_mark(text, ":") ||
        !read_digits(text, 2, 0, 59, &minutes))
        return false;
    *seconds_out = sign * (hours * 3600 + minutes * 60);
    return true;
}

bool moment_parse(const char *text, int64_t *at_ms_out)
{
    int64_t days, at_ms;
    int seconds, milliseconds, offset;

    if (!read_date(&text, &days) || !read_mark(&text, "Tt") || !read_time(&text, &seconds) ||
        !read_fraction(&text, &milliseconds) || !read_offset(&text, &offset) || *text != '\0')
        return false;
    at_ms = (days * DAY_S + seconds - offset) * 1000 + milliseconds;
    if (at_ms < 0 || at_ms > MOMENT_MS_MAX)
        return false;
    *at_ms_out = at_ms;
    return true;
}
