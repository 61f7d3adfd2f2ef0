/* Reads amounts: a decimal "amount" or an integer "amountMinor", without floating point. */
#include <stdlib.h>

#include "fields.h"

/* The value of one of the two members. */
struct given {
    bool         present;
    bool         good;
    struct money money;
};

/* The two ways to write an amount. */
enum unit { MAJOR, MINOR };

static const char *words_of(enum money_error error, enum unit unit)
{
    switch (error) {
    case MONEY_OK:                return "";
    case MONEY_UNKNOWN_CURRENCY:  return "has no known currency";
    case MONEY_NOT_DECIMAL:       return unit == MINOR
                                      ? "must be a whole number"
                                      : "must be a plain decimal number without exponent";
    case MONEY_TOO_MANY_DECIMALS: return "has more decimals than the currency";
    case MONEY_NOT_POSITIVE:      return "must be greater than zero";
    case MONEY_TOO_LARGE:         return "is larger than 999999999999 minor units";
    }
    return "";
}

/*
 * Digits only, perhaps after a minus sign: strtoll then reads to the end, and at worst saturates.
 */
static enum money_error from_whole_number(struct bytes raw, const char *currency,
                                          struct money *money_out)
{
    char text[32];
    size_t sign;

    if (raw.size >= sizeof(text))
        return MONEY_TOO_LARGE;
    memcpy(text, raw.data, raw.size);
    text[raw.size] = '\0';
    sign = text[0] == '-';
    if (text[sign + strspn(text + sign, "0123456789")] != '\0')
        return MONEY_NOT_DECIMAL;
    return money_from_minor(strtoll(text, NULL, 10), currency, money_out);
}

static struct given read_number(struct fields *fields, const char *name, enum unit unit,
                                const char *currency)
{
    const json_t *number = fields_member(fields, name, FIELD_OPTIONAL);
    struct given given = { .present = fields_has(fields, name) };
    enum money_error error;
    struct bytes raw;

    if (number != NULL && !json_is_integer(number))
        fields_fault(fields, name, "must be a number");
    if (!json_is_integer(number) || *currency == '\0') /* its own fault is noted already */
        return given;
    raw = json_body_number(fields->body, number);
    error = unit == MINOR ? from_whole_number(raw, currency, &given.money)
                          : money_from_decimal(raw, currency, &given.money);
    given.good = error == MONEY_OK;
    if (!given.good)
        fields_fault(fields, name, "%s", words_of(error, unit));
    return given;
}

static struct money read_money(struct fields *fields, const char *currency, enum field_rule rule)
{
    struct given major = read_number(fields, "amount", MAJOR, currency);
    struct given minor = read_number(fields, "amountMinor", MINOR, currency);

    if (rule == FIELD_REQUIRED && !major.present && !minor.present)
        fields_fault(fields, "amount", "is required, or amountMinor");
    if (major.good && minor.good && !money_equal(major.money, minor.money))
        fields_fault(fields, "amountMinor", "is not the same as amount");
    return major.good ? major.money : minor.money;
}

struct money fields_money(struct fields *fields, const char *currency)
{
    return read_money(fields, currency, FIELD_REQUIRED);
}

const char *fields_money_name(const struct fields *fields)
{
    return fields_has(fields, "amount") || !fields_has(fields, "amountMinor") ? "amount"
                                                                              : "amountMinor";
}

struct money fields_money_optional(struct fields *fields, const char *currency)
{
    return read_money(fields, currency, FIELD_OPTIONAL);
}
