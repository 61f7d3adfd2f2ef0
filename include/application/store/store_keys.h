/*
 * store_keys.h - idempotency keys as stored (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_KEYS_H
#define PAYAPI_APPLICATION_STORE_STORE_KEYS_H

#include "application/ctx.h"
#include "application/idempotency.h"
#include "domain/payment.h"

/* May the command run? Says so before anything is locked: store_key_take makes the key ours. */
const struct problem *store_key_peek(struct ctx *ctx, const struct idempotency_key *key,
                                     struct claim *claim_out);                  /* peek */
/* Before the peek of a repeat (see store.h): locks the key, if it is there. */
void store_key_queue_up(struct ctx *ctx, const struct idempotency_key *key);    /* queue */
/*
 * Takes the key that was free, with the payment that its request opened or is about to open ("":
 * none). First in the transaction, before the order and the payment are locked. If the key changed
 * since the peek, that is a repeatable problem. From now on claim->fence is the key's.
 */
void store_key_take(struct ctx *ctx, const struct idempotency_key *key, const struct claim *claim,
                    struct payment_id payment_id);                              /* queue */
/* Takes it as store_key_take does, with the answer already: for a command of one transaction. */
void store_key_answer(struct ctx *ctx, const struct idempotency_key *key, const struct claim *claim,
                      struct payment_id payment_id, const struct answer *answer);  /* queue */
/*
 * For a command's second transaction: locks the key, before the order and the payment as every
 * command does. A different fence by now is a repeatable problem.
 */
void store_key_hold(struct ctx *ctx, const struct idempotency_key *key, int64_t fence);  /* queue */
/* Succeeds also if the same fence has finished already: the reply to its COMMIT may be lost. */
void store_key_finish(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                      const struct answer *answer);                             /* queue */
/* Lets the next repeat take over at once. unbind: it starts anew, without the payment. */
void store_key_release(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                       bool unbind);                                            /* queue */

#endif
