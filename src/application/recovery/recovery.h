/*
 * recovery.h - one attempt to learn the outcome of one open call, in its three steps:
 * taken up (leased, in a transaction), asked (no transaction), recorded (in a transaction).
 */
#ifndef PAYAPI_APPLICATION_RECOVERY_RECOVERY_H
#define PAYAPI_APPLICATION_RECOVERY_RECOVERY_H

#include "application/recovery_terms.h"
#include "application/settling/settle_payment.h"

struct recovery {
    struct payment_id       id;
    const char             *owner;
    bool                    close_wanted;       /* close the page, if it is still open */
    struct call_id          new_call_id;  /* of the call that closes it, if there is none */

    const struct provider  *provider;
    struct payment          payment;            /* as it was taken up, then as recorded */
    bool                    call_found;
    struct provider_call    call;
    struct refund           refund;             /* when the call is about one */

    struct provider_reply   reply;              /* the last one */
    struct provider_outcome outcome;            /* what it says of the object */
    bool                    noted;  /* the sending was recorded in this attempt */
    bool                    sent;  /* the call's own request went out in this attempt */
    enum provider_verdict   verdict;            /* on the call */
    const char             *doubt;              /* why a human must look at once; or NULL */
    bool                    not_listed;  /* the provider's list was read to its end: not in it */
    enum recovery_result    result;
};

/* A call that closes the page because its time is over, not because somebody cancelled. */
bool recovery_is_expiry(const struct provider_call *call, const struct payment *payment);

/*
 * recovery_questions.c: asks for the outcome of an open checkout or expire call, and fills reply to
 * verdict. Returns a problem when the sending could not be recorded; then nothing was sent.
 */
const struct problem *recovery_ask_payment(struct ctx *ctx, struct recovery *work);
/* True when this attempt first sends the call's own request. */
bool recovery_sends_first(const struct ctx *ctx, const struct recovery *work);
/* Records, in a transaction of its own, that the call's request is about to be sent. */
const struct problem *recovery_note_sending(struct ctx *ctx, struct recovery *work);
/*
 * Reads the object as it is now. Ends in VERDICT_DONE or, when nothing is learned, VERDICT_UNKNOWN.
 */
void recovery_retrieve(struct ctx *ctx, struct recovery *work);

/* recovery_refund.c: the same for a refund's call; settle it in the transaction that records. */
const struct problem *recovery_ask_refund(struct ctx *ctx, struct recovery *work);
const struct problem *recovery_settle_refund(struct ctx *ctx, struct recovery *work,
                                             struct payment_lock *lock_out,
                                             struct call_answer *answer);

#endif
