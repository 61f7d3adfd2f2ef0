/*
 * stripe_pay_page.h - the hosted payment page, where a session's url leads.
 *
 * Plain HTML and forms, no script: GET /pay/{session} and /pay/{session}/three-d-secure,
 * POST /pay/{session}/{act}.
 */
#ifndef PAYAPI_SANDBOX_STRIPE_STRIPE_PAY_PAGE_H
#define PAYAPI_SANDBOX_STRIPE_STRIPE_PAY_PAGE_H

#include "sandbox/http/http.h"
#include "stripe.h"

/* Answers /pay/... */
void stripe_pay_page_handle(struct stripe *stripe, struct exchange *exchange);

#endif
