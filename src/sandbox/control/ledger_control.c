/* Sums up the charges, refunds and disputes of both providers. */
#include "ledger_control.h"

#include <time.h>

#include "paystack_control.h"
#include "sandbox/kit/strbuf.h"
#include "sandbox/kit/table.h"
#include "stripe_control.h"

/* The id of our payment that a charge or refund belongs to; NULL when it names none. */
static const char *payment_of(const json_t *row)
{
    return json_string_value(json_object_get(json_object_get(row, "metadata"), "payment_id"));
}

static const char *text_of(const json_t *row, const char *name)
{
    return json_string_value(json_object_get(row, name));
}

/* The row of payments for that charge, made when there is none yet; borrowed from payments. */
static json_t *row_for(json_t *payments, struct table *rows, const json_t *charge)
{
    const char *payment_id = payment_of(charge);
    struct strbuf key = { 0 };
    json_t     *row;

    strbuf_addf(&key, "%s %s %s", text_of(charge, "provider"), text_of(charge, "currency"),
                payment_id);
    row = table_find(rows, key.bytes);
    if (row == NULL) {
        row = json_pack("{s:s, s:s, s:s, s:i, s:i, s:i}",
                        "provider", text_of(charge, "provider"), "payment_id", payment_id,
                        "currency", text_of(charge, "currency"),
                        "charges", 0, "charged", 0, "refunded", 0);
        json_array_append_new(payments, row);
        table_put(rows, key.bytes, row);
    }
    strbuf_free(&key);
    return row;
}

static void add_to(json_t *row, const char *name, json_int_t more)
{
    json_t *total = json_object_get(row, name);

    json_integer_set(total, json_integer_value(total) + more);
}

static json_int_t integer_of(const json_t *row, const char *name)
{
    return json_integer_value(json_object_get(row, name));
}

/*
 * One row per provider, payment and currency; the shop keeps the charged amount minus the refunded
 * one.
 */
static json_t *sum_up(const json_t *charges)
{
    json_t       *payments = json_array(), *charge, *row;
    struct table *rows = table_new();
    size_t        i;

    json_array_foreach(charges, i, charge) {
        if (payment_of(charge) == NULL)
            continue;
        row = row_for(payments, rows, charge);
        add_to(row, "charges", 1);
        add_to(row, "charged", integer_of(charge, "amount"));
        add_to(row, "refunded", integer_of(charge, "amount_refunded"));
    }
    table_free(rows, NULL);
    return payments;
}

/* Adds to each movement its day (UTC) and our payment's id, by which the books are compared. */
static void date_movements(json_t *movements)
{
    json_t   *movement;
    size_t    i;
    struct tm parts;
    char      day[16];

    json_array_foreach(movements, i, movement) {
        const char *payment_id = payment_of(movement);

        gmtime_r(&(time_t) { integer_of(movement, "at") }, &parts);
        strftime(day, sizeof day, "%Y-%m-%d", &parts);
        json_object_set_new(movement, "day", json_string(day));
        json_object_set_new(movement, "payment_id",
                            payment_id == NULL ? json_null() : json_string(payment_id));
    }
}

void ledger_control_get(struct control_call *call)
{
    struct ledger_rows rows = { json_array(), json_array(), json_array(), json_array() };
    size_t             sessions;

    sessions = stripe_control_add_ledger(call->world->stripe, &rows);
    paystack_control_add_ledger(call->world->paystack, &rows);
    date_movements(rows.movements);
    control_answer(call, json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:I}",
                                   "payments", sum_up(rows.charges), "charges", rows.charges,
                                   "refunds", rows.refunds, "disputes", rows.disputes,
                                   "movements", rows.movements,
                                   "requests", request_log_counts(call->world->log),
                                   "sessions", (json_int_t) sessions));
}
