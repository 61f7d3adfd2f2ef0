/*
 * dispute.h - a payer's bank contests a payment. An overlay: it never changes the payment's status.
 */
#ifndef PAYAPI_DOMAIN_DISPUTE_H
#define PAYAPI_DOMAIN_DISPUTE_H

#include "base/bytes.h"

/* In the order of their rank. Won and lost contradict each other: see dispute_merge. */
enum dispute_status { DISPUTE_NONE, DISPUTE_OPEN, DISPUTE_WON, DISPUTE_LOST };

struct dispute_fact {
    enum dispute_status status;
    bool                contradictory;  /* both ends were reported: ask the provider, do not guess */
};

struct dispute_fact dispute_merge(struct dispute_fact a, struct dispute_fact b);
const char *dispute_status_name(enum dispute_status status);
MUST_CHECK bool dispute_status_parse(const char *name, enum dispute_status *status_out);

#endif
