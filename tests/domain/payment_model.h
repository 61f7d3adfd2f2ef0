/*
 * payment_model.h - what a payment is after some reports, found out the slow way.
 *
 * The model keeps no state and merges nothing: it looks at the whole pile of reports and asks it
 * questions ("did anybody say that money came?"). It shares no code with src/domain, only the
 * names of the enums, so that a mistake would have to be made twice.
 */
#ifndef PAYAPI_TESTS_DOMAIN_PAYMENT_MODEL_H
#define PAYAPI_TESTS_DOMAIN_PAYMENT_MODEL_H

#include <stddef.h>

#include "payment_world.h"

struct model_answer {
    enum payment_status status;
    bool                can_take_money;
    enum payment_close  closed;
    bool                mismatch;
    bool                accepted;
    int64_t             captured_minor;
    int64_t             refunded_minor;
    enum refund_status  refunds[WORLD_REFUNDS];
    enum dispute_status dispute;
    bool                dispute_contradictory;
    enum payment_progress progress;
    int64_t             progress_at_s;          /* unless there is no progress */
    const char         *failure_code;           /* borrowed from the reports */
    const char         *failure_reason;
};

struct model_answer model_ask(const struct report *reports, size_t count);
/* NULL when the world says what the model says; else what it says differently. */
const char *model_difference(const struct model_answer *answer, const struct world *world,
                             enum payment_status status);

#endif
