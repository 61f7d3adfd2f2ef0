/*
 * paystack_pay_page.h - the hosted payment page, where an authorization_url leads.
 *
 * Plain HTML and forms, no script: GET /checkout/{access_code} and /checkout/{access_code}/otp,
 * POST /checkout/{access_code}/{act}.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_PAY_PAGE_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_PAY_PAGE_H

#include "paystack.h"
#include "sandbox/http/http.h"

/* Answers /checkout/... */
void paystack_pay_page_handle(struct paystack *paystack, struct exchange *exchange);

#endif
