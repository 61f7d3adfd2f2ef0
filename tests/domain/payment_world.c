/* Takes reports in, step by step, as the application does. */
#include "payment_world.h"

const int64_t world_refund_minor[WORLD_REFUNDS] = { 40, 60, 25 };

const struct rules rules_of_the_domain = {
    .merge_facts = payment_facts_merge,
    .merge_refund = refund_merge,
    .merge_dispute = dispute_merge,
    .derive = payment_derive,
};

static void count_refunds(struct world *world)
{
    world->facts.refunded_minor = 0;
    for (int i = 0; i < WORLD_REFUNDS; i++)
        if (world->refunds[i] == REFUND_SUCCEEDED)
            world->facts.refunded_minor += world_refund_minor[i];
}

void world_apply(const struct rules *rules, struct world *world, const struct report *report)
{
    switch (report->kind) {
    case REPORT_FACTS:
        world->facts = rules->merge_facts(world->facts, report->facts);
        return;
    case REPORT_REFUND:
        world->refunds[report->refund] = rules->merge_refund(world->refunds[report->refund],
                                                             report->refund_status);
        count_refunds(world);
        return;
    case REPORT_DISPUTE:
        world->dispute = rules->merge_dispute(world->dispute,
                                              (struct dispute_fact) { report->dispute, false });
        return;
    }
}

void world_merge(const struct rules *rules, struct world *world, const struct world *other)
{
    world->facts = rules->merge_facts(world->facts, other->facts);
    for (int i = 0; i < WORLD_REFUNDS; i++)
        world->refunds[i] = rules->merge_refund(world->refunds[i], other->refunds[i]);
    world->dispute = rules->merge_dispute(world->dispute, other->dispute);
    count_refunds(world);
}

bool world_equal(const struct world *a, const struct world *b)
{
    for (int i = 0; i < WORLD_REFUNDS; i++)
        if (a->refunds[i] != b->refunds[i])
            return false;
    return payment_facts_equal(&a->facts, &b->facts)
        && a->dispute.status == b->dispute.status
        && a->dispute.contradictory == b->dispute.contradictory;
}

const char *world_broken_promise(const struct rules *rules, const struct world *before,
                                 const struct world *after)
{
    const enum payment_status to = rules->derive(&after->facts, WORLD_DUE_MINOR);

    if (to > PAYMENT_REFUNDED)
        return "every payment has a status";
    if (!payment_may_become(&before->facts, WORLD_DUE_MINOR, to))
        return "the lifecycle is never left";
    if (after->facts.captured_minor < before->facts.captured_minor)
        return "captured money never shrinks";
    if (payment_is_open(&after->facts) && !payment_is_open(&before->facts))
        return "what is closed never opens again";
    if (before->facts.mismatch && !after->facts.mismatch)
        return "a mismatch is never forgotten";
    if (before->facts.accepted && !after->facts.accepted)
        return "what a human accepted stays accepted";
    return NULL;
}
