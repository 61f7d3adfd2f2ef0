/*
 * adopt_payment.h - a payment that the provider has and we do not: its rows were lost by a failover
 * or a restore. Its object says enough to write them down again, flagged for a human. Source:
 * docs/reliability.md A14, A28, A37.
 */
#ifndef PAYAPI_APPLICATION_INBOX_ADOPT_PAYMENT_H
#define PAYAPI_APPLICATION_INBOX_ADOPT_PAYMENT_H

#include "application/provider.h"

enum adoption_result {
    ADOPTED,                            /* the payment is there now, with what its object tells */
    ADOPTION_LATER,                     /* the provider did not tell: again later */
    ADOPTION_IGNORED,                   /* somebody else's, on the same account */
    ADOPTION_REFUSED                    /* it contradicts what we have: a human must decide */
};

struct adoption {
    enum adoption_result result;
    struct payment_id    payment_id;    /* with ADOPTED */
    const char          *reason;        /* with the others */
};

/*
 * Asks for the object that the event leads to, and writes down order and payment where they are
 * missing. Rivals and a late COMMIT of the original do no harm: the rows are inserted once. An
 * order that has another live payment keeps it; money of the adopted one is then a surplus, which
 * goes back. Calls the provider, so never inside a transaction.
 */
const struct problem *adopt_payment(struct ctx *ctx, const struct provider *provider,
                                    const struct provider_event *event,
                                    struct adoption *adoption_out);

#endif
