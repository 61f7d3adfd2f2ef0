/*
 * fake_store_parts.h - what the files of one subject need of the fake store's transactions.
 */
#ifndef PAYAPI_TESTS_FAKE_STORE_PARTS_H
#define PAYAPI_TESTS_FAKE_STORE_PARTS_H

#include "fake_store.h"

typedef const struct problem *part_apply(struct ctx *ctx, const void *argument);
typedef const struct problem *part_read(struct ctx *ctx, void *argument);

/* The open transaction's, else what is committed. */
struct fake_tables   *part_tables(struct ctx *ctx);
/* argument lives in the arena of the request. */
void                  part_queue(struct ctx *ctx, part_apply *apply, const void *argument);
const struct problem *part_wait(struct ctx *ctx, part_read *read, void *argument);
const struct problem *part_refuse(struct ctx *ctx, const char *constraint);
void                  part_lock_payment(struct ctx *ctx, struct payment_id id,
                                        struct payment_lock *lock_out);
bool                  part_is_locked(struct ctx *ctx, struct payment_id id);

/* fake_store_disputes.c: into lock_out, when the event is about one and the payment is there. */
void part_read_disputes(struct ctx *ctx, const struct provider_event *event,
                        struct inbox_lock *lock_out);
/* I14 and I15. */
bool part_disputes_agree(const struct fake_tables *rows, const struct payment *payment);

#endif
