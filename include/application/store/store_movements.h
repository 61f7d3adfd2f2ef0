/*
 * store_movements.h - movements of money, the rows of the ledger (see store.h for queue and wait).
 *
 * The API calls a row a transaction; in the C code that word means the database's
 * (store_transaction.h).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_MOVEMENTS_H
#define PAYAPI_APPLICATION_STORE_STORE_MOVEMENTS_H

#include "application/ctx.h"
#include "domain/payment.h"

enum movement_kind {
    MOVEMENT_CHARGE,
    MOVEMENT_REFUND,                    /* negative */
    MOVEMENT_REFUND_REVERSAL,           /* a succeeded refund failed later: positive again */
    MOVEMENT_DISPUTE,                   /* withdrawn from the shop: negative */
    MOVEMENT_DISPUTE_REVERSAL,          /* reinstated: positive again */
    MOVEMENT_REASSIGNMENT               /* from one order to another: two rows whose sum is 0 */
};
struct movement {
    enum movement_kind kind;
    int64_t            amount_minor;
    const char        *provider_ref;    /* the provider's object; unique with kind */
    int64_t            occurred_at_ms;  /* Unix, as the provider says */
};
void store_movement_insert(struct ctx *ctx, const struct payment *payment,
                           const struct movement *movement);                    /* queue */

#endif
