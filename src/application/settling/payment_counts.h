/*
 * payment_counts.h - counts how payments end, for the operator (base/metrics.h).
 */
#ifndef PAYAPI_APPLICATION_SETTLING_PAYMENT_COUNTS_H
#define PAYAPI_APPLICATION_SETTLING_PAYMENT_COUNTS_H

#include "domain/domain_event.h"
#include "domain/payment.h"

/* The payment after a change, and the event that announces it; counted when that is an end. */
void payment_count_change(const struct payment *payment, enum domain_event event);

#endif
