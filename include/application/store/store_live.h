/*
 * store_live.h - payments as payapi-stream follows them (see store.h for wait).
 *
 * A payment's announced changes are numbered with its audit rows (seq). Whoever changes a payment
 * holds its lock until the commit, so of one payment a lower number never becomes visible after a
 * higher one: what a viewer was told last is all that must be remembered.
 */
#ifndef PAYAPI_APPLICATION_STORE_STORE_LIVE_H
#define PAYAPI_APPLICATION_STORE_STORE_LIVE_H

#include "application/ctx.h"
#include "domain/payment.h"

#define LIVE_ROWS_MAX 200       /* of one answer; what is left comes with the next question */

/* What one viewer asks. */
struct live_question {
    int               place;    /* which viewer it is: comes back with the answer */
    struct payment_id payment_id;
    int64_t           after;    /* only changes with a higher number */
};

struct live_answer {
    int            place;
    int64_t        seq;         /* of the change; of a state: of the last one, 0: none */
    struct payment payment;     /* as it is now */
};

/* The payments as they are now, in the order of the questions; those that do not exist are left
 * out. LIVE_ROWS_MAX questions at most. */
const struct problem *store_live_states(struct ctx *ctx, const struct live_question *questions,
                                        int question_count, struct live_answer **answers_out,
                                        int *answer_count_out);                 /* wait */
/* The announced changes since then, in the order of the questions and of their numbers. */
const struct problem *store_live_changes(struct ctx *ctx, const struct live_question *questions,
                                         int question_count, struct live_answer **answers_out,
                                         int *answer_count_out);                /* wait */

#endif
