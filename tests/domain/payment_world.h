/*
 * payment_world.h - all that is stored of one payment, and how a provider's report changes it:
 * the same steps that the application takes, without its database.
 *
 * The rules can be exchanged, so that a test can show that it notices a broken rule.
 */
#ifndef PAYAPI_TESTS_DOMAIN_PAYMENT_WORLD_H
#define PAYAPI_TESTS_DOMAIN_PAYMENT_WORLD_H

#include "domain/dispute.h"
#include "domain/payment.h"
#include "domain/refund.h"

enum report_kind { REPORT_FACTS, REPORT_REFUND, REPORT_DISPUTE };

struct report {
    const char          *name;          /* for the reader of a failure */
    enum report_kind     kind;
    struct payment_facts facts;
    int                  refund;        /* which of WORLD_REFUNDS */
    enum refund_status   refund_status;
    enum dispute_status  dispute;
    int                  worker;        /* 0 or 1: who takes it, where two work side by side */
};

#define WORLD_DUE_MINOR 100     /* what the order asks for */
#define WORLD_REFUNDS   3
extern const int64_t world_refund_minor[WORLD_REFUNDS];        /* 40, 60, 25 */

struct world {
    struct payment_facts facts;
    enum refund_status   refunds[WORLD_REFUNDS];        /* pending: nothing was reported yet */
    struct dispute_fact  dispute;
};

struct rules {
    struct payment_facts (*merge_facts)(struct payment_facts, struct payment_facts);
    enum refund_status   (*merge_refund)(enum refund_status, enum refund_status);
    struct dispute_fact  (*merge_dispute)(struct dispute_fact, struct dispute_fact);
    enum payment_status  (*derive)(const struct payment_facts *, int64_t);
};
extern const struct rules rules_of_the_domain;

void world_apply(const struct rules *rules, struct world *world, const struct report *report);
/* What two workers know together. */
void world_merge(const struct rules *rules, struct world *world, const struct world *other);
MUST_CHECK bool world_equal(const struct world *a, const struct world *b);
/* NULL when the step from before to after keeps every promise; else the promise it breaks. */
const char *world_broken_promise(const struct rules *rules, const struct world *before,
                                 const struct world *after);

#endif
