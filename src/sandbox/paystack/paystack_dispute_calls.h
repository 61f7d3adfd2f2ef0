/*
 * paystack_dispute_calls.h - the operations below /dispute.
 */
#ifndef PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_DISPUTE_CALLS_H
#define PAYAPI_SANDBOX_PAYSTACK_PAYSTACK_DISPUTE_CALLS_H

#include "paystack_call.h"

void paystack_disputes_list(struct paystack_call *call);
void paystack_disputes_fetch(struct paystack_call *call);
void paystack_disputes_of_transaction(struct paystack_call *call);  /* the latest one */
void paystack_disputes_update(struct paystack_call *call);
void paystack_disputes_upload_url(struct paystack_call *call);
void paystack_disputes_add_evidence(struct paystack_call *call);
void paystack_disputes_resolve(struct paystack_call *call);

#endif
