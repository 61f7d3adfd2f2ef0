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
    struct call_id          new_call_id;  /* of the call that closes it, should there be none */

    const struct provider  *provider;
    struct payment          payment;            /* as it was taken up, then as recorded */
    bool                    call_found;
    struct provider_call    call;
    struct refund           refund;             /* when the call is about one */

    struct provider_reply   reply;              /* the last one */
    struct provider_outcome outcome;            /* what it says of the object */
    bool                    noted;  /* that the request goes out was written down meanwhile */
    bool                    sent;  /* the call's own request went out in this attempt */
    enum provider_verdict   verdict;            /* on the call */
    const char             *doubt;              /* a human must look at once, and why; NULL */
    bool                    not_listed;  /* the provider's list was read to its end without it */
    enum recovery_result    result;
};

/* A call that closes the page because its time is over, not because somebody cancelled. */
bool recovery_is_expiry(const struct provider_call *call, const struct payment *payment);

/*
 * recovery_questions.c: asks what tells the outcome of an open checkout or expire call, and fills
 * reply to verdict. A problem when the sending could not be noted: then nothing was sent.
 */
const struct problem *recovery_ask_payment(struct ctx *ctx, struct recovery *work);
/* The first question of this attempt is the call's own request. */
bool recovery_sends_first(const struct ctx *ctx, const struct recovery *work);
/* Writes down, in a transaction of its own, that the call's request goes out now. */
const struct problem *recovery_note_sending(struct ctx *ctx, struct recovery *work);
/* Reads the object as it is now. Only VERDICT_DONE tells something; all else is VERDICT_UNKNOWN. */
void recovery_retrieve(struct ctx *ctx, struct recovery *work);

/* recovery_refund.c: the same for a refund's call; settling is for the transaction that records. */
const struct problem *recovery_ask_refund(struct ctx *ctx, struct recovery *work);
const struct problem *recovery_settle_refund(struct ctx *ctx, struct recovery *work,
                                             struct payment_lock *lock_out);

#endif
