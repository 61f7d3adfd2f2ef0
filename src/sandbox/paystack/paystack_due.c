#include "paystack_due.h"

#include "paystack_disputes.h"
#include "paystack_refunds.h"

void paystack_settle_due(struct paystack *paystack)
{
    paystack_disputes_settle_due(paystack);
    paystack_refunds_settle_due(paystack);
}
