/* review.h - a question that only a human can answer. */
#ifndef PAYAPI_SRC_APPLICATION_REVIEW_H
#define PAYAPI_SRC_APPLICATION_REVIEW_H

#include "domain/payment.h"

/* The first question stands until it is answered. */
void review_ask(struct payment *payment, const char *reason);

#endif
