#include "stripe_due.h"

#include "stripe_balance.h"
#include "stripe_payments.h"
#include "stripe_refunds.h"

void stripe_settle_due(struct stripe *stripe)
{
    stripe_expire_due(stripe);
    stripe_refunds_settle_due(stripe);
    stripe_balance_settle_due(stripe);
}
