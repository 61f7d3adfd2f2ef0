/*
 * order.h - what a shop wants to be paid for. Its amount and currency never change.
 */
#ifndef PAYAPI_DOMAIN_ORDER_H
#define PAYAPI_DOMAIN_ORDER_H

#include "domain/ids.h"
#include "domain/money.h"
#include "domain/payment.h"

#define ORDER_DESCRIPTION_MAX 512       /* bytes, with the NUL */
#define EMAIL_MAX             255
#define METADATA_PAIRS_MAX    20
#define METADATA_JSON_MAX     16384

/*
 * Owner of an order that was rebuilt without one: no token can have this subject, so only admins
 * see it.
 */
#define ORDER_OWNER_UNKNOWN "\x1f" "adopted"

enum order_status { ORDER_OPEN, ORDER_PAID, ORDER_REFUNDED };

struct order {
    struct order_id   id;
    char              owner_id[OWNER_ID_MAX];
    struct money      amount;
    enum order_status status;
    char              description[ORDER_DESCRIPTION_MAX];
    char              customer_email[EMAIL_MAX];        /* "" unknown */
    const char       *metadata_json;    /* object of string pairs, as JSON text; in the arena */
    int64_t           created_at_ms;
    int64_t           updated_at_ms;
};

/* The order's label after its non-surplus payment reached that status. */
enum order_status order_status_after(enum order_status now, enum payment_status payment);
const char *order_status_name(enum order_status status);
MUST_CHECK bool order_status_parse(const char *name, enum order_status *status_out);

#endif
