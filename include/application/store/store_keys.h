/*
 * store_keys.h - idempotency keys as stored (see store.h for queue and wait).
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_KEYS_H
#define PAYAPI_APPLICATION_STORE_STORE_KEYS_H

#include "application/ctx.h"
#include "application/idempotency.h"
#include "domain/payment.h"

const struct problem *store_key_claim(struct ctx *ctx, const struct idempotency_key *key,
                                      struct claim *claim_out);                 /* wait */
/*
 * For a command's second transaction: locks the key, before the order and the payment as every
 * command does. A different fence by now is a repeatable problem.
 */
void store_key_hold(struct ctx *ctx, const struct idempotency_key *key, int64_t fence);  /* queue */
void store_key_bind(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                    struct payment_id payment_id);                              /* queue */
/* Succeeds also if the same fence has finished already: the reply to its COMMIT may be lost. */
void store_key_finish(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                      const struct answer *answer);                             /* queue */
/* Lets the next repeat take over at once. unbind: it starts anew, without the payment. */
void store_key_release(struct ctx *ctx, const struct idempotency_key *key, int64_t fence,
                       bool unbind);                                            /* queue */

#endif
