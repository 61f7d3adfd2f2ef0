/*
 * recovery.h - one attempt to learn the outcome of one open call, in its three steps:
 * taken up (leased, in a transaction), asked (no transaction), recorded (in a transaction).
 */
#ifndef PAYAPI_SRC_APPLICATION_RECOVERY_H
#define PAYAPI_SRC_APPLICATION_RECOVERY_H

#include "application/recover_payment.h"
#include "application/settle_payment.h"

struct recovery {
    struct payment_id       id;
    const char             *owner;
    bool                    close_wanted;       /* close the page, if it is still open */
    struct call_id          new_call_id;        /* of the call that closes it, should there be none */

    const struct provider  *provider;
    struct payment          payment;            /* as it was taken up, then as recorded */
    bool                    call_found;
    struct provider_call    call;
    struct refund           refund;             /* when the call is about one */

    struct provider_reply   reply;              /* the last one */
    struct provider_outcome outcome;            /* what it says of the object */
    bool                    looked_up;          /* by a look-up, not by the call itself */
    enum provider_verdict   verdict;            /* on the call */
    enum recovery_result    result;
};

/* A call that closes the page because its time is over, not because somebody cancelled. */
bool recovery_is_expiry(const struct provider_call *call, const struct payment *payment);

/* recovery_questions.c: asks whatever tells the outcome of the open call; sets reply to verdict. */
void recovery_ask(struct ctx *ctx, struct recovery *work);
/* True while the frozen request may go out without a look-up before it. */
bool recovery_may_repeat(const struct ctx *ctx, const struct recovery *work);
/* True while the intent is younger than PROVIDER_KEY_RETRY_MAX_S. */
bool recovery_is_young(const struct ctx *ctx, const struct provider_call *call);
/* Reads the object as it is now. Only VERDICT_DONE tells something; all else is VERDICT_UNKNOWN. */
void recovery_retrieve(struct ctx *ctx, struct recovery *work);

/* recovery_refund.c: the same for a refund's call; settling is for the transaction that records. */
void recovery_ask_refund(struct ctx *ctx, struct recovery *work);
const struct problem *recovery_settle_refund(struct ctx *ctx, struct recovery *work,
                                             struct payment_lock *lock_out);

#endif
