/*
 * adopt_payment.h - restores a payment that the provider has and we do not, because a failover or a
 * restore lost its rows. The provider's object says enough to write them again, flagged for a
 * human. Source: docs/reliability.md A14, A28, A37.
 */
#ifndef PAYAPI_APPLICATION_INBOX_ADOPT_PAYMENT_H
#define PAYAPI_APPLICATION_INBOX_ADOPT_PAYMENT_H

#include "application/provider.h"

enum adoption_result {
    ADOPTED,                            /* the payment exists now, with the object's facts */
    ADOPTION_LATER,                     /* the answer does not say; ask later */
    ADOPTION_IGNORED,                   /* somebody else's, on the same account */
    ADOPTION_REFUSED                    /* it contradicts what we have: a human must decide */
};

struct adoption {
    enum adoption_result result;
    struct payment_id    payment_id;    /* with ADOPTED */
    const char          *reason;        /* with the others */
};

/*
 * Asks for the object that the event leads to, and inserts its order and payment where they are
 * missing. Concurrent adoptions and a late COMMIT of the original do no harm: the rows are inserted
 * once. An order that has another live payment keeps it; the adopted payment's money is then a
 * surplus and is refunded. Calls the provider, so never inside a transaction.
 */
const struct problem *adopt_payment(struct ctx *ctx, const struct provider *provider,
                                    const struct provider_event *event,
                                    struct adoption *adoption_out);

#endif
