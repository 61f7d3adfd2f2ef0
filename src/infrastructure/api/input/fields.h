/*
 * fields.h - typed readers for the members of a request body.
 *
 * A reader never fails: it notes what is wrong under the member's pointer and goes on, so that the
 * client learns of all faults at once from fields_finish. What was never read is unknown. A member
 * is absent only when it was not sent: null and "" are faults, whatever the member.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_INPUT_FIELDS_H
#define PAYAPI_INFRASTRUCTURE_API_INPUT_FIELDS_H

#include "domain/money.h"
#include "json_body.h"

#define FIELDS_MAX 16

struct fields {
    struct arena           *arena;
    const struct json_body *body;
    struct problem         *problem;            /* NULL while all is well */
    const char             *names[FIELDS_MAX];  /* read so far */
    int                     count;
};

enum field_rule { FIELD_REQUIRED, FIELD_OPTIONAL };

struct fields fields_new(struct arena *arena, const struct json_body *body);

/*
 * The member, or NULL when it is absent or null; null is noted, and a missing required one. Its
 * name is now known.
 */
json_t *fields_member(struct fields *fields, const char *name, enum field_rule rule);
/* Whether the member was sent, even as null. */
bool fields_has(const struct fields *fields, const char *name);
/* Notes a fault at "#/" and name. */
void fields_fault(struct fields *fields, const char *name, const char *detail, ...)
    __attribute__((format(printf, 3, 4)));

/* Notes a fault at "#/name/index". */
void fields_fault_in(struct fields *fields, const char *name, int index, const char *detail);
/*
 * The elements of an array of 1 to count_max texts, none empty. Returns how many; 0 when it is
 * absent or at fault. texts_out has room for count_max.
 */
int fields_texts(struct fields *fields, const char *name, enum field_rule rule, int count_max,
                 const char **texts_out);

/* Text without control characters of at most bytes_max bytes; "" when absent or at fault. */
const char *fields_text(struct fields *fields, const char *name, enum field_rule rule,
                        size_t bytes_max);
/*
 * A whole number without sign, fraction, exponent or leading zeros, below 10^18. False when it is
 * something else, for the caller to say what it must be; true, *number_out untouched, when absent.
 */
MUST_CHECK bool fields_whole_number(struct fields *fields, const char *name, enum field_rule rule,
                                    int64_t *number_out);
const char *fields_order_id(struct fields *fields, const char *name);
const char *fields_email(struct fields *fields, const char *name);
/* Absolute, http(s), and below one of the origins (form_has_origin), where there are any. */
const char *fields_url(struct fields *fields, const char *name, const char *origins);
const char *fields_currency(struct fields *fields, const char *name, enum field_rule rule);
/* An object of string pairs, as JSON text; "{}" when absent. */
const char *fields_metadata(struct fields *fields, const char *name);
/*
 * From amount, amountMinor, or both when they agree (docs/contract.md section 2). Zero when at
 * fault.
 */
struct money fields_money(struct fields *fields, const char *currency);
/* The same, but zero when both are absent. currency "": only checks that they are numbers. */
struct money fields_money_optional(struct fields *fields, const char *currency);
/* The name of the member that gives the amount, for faults that are found later. */
const char *fields_money_name(const struct fields *fields);

/* All faults, unknown members included, as one problem (422); or OK. */
const struct problem *fields_finish(struct fields *fields);

/* "#/" and the name, escaped for JSON Pointer and for a URI fragment (RFC 6901 section 6). */
const char *json_pointer(struct arena *arena, const char *name);
/* The empty validation-failed problem that faults are added to. */
struct problem *validation_problem(struct arena *arena);

#endif
