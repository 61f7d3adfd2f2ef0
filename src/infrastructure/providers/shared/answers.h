/*
 * answers.h - one table per provider says what an answer that is no success means; this looks it up.
 *
 * First row that fits. What no row knows is the last row, ANSWER_OTHERWISE: it is never safe to call
 * a payment failed that may have been made.
 */
#ifndef PAYAPI_PROVIDERS_ANSWERS_H
#define PAYAPI_PROVIDERS_ANSWERS_H

#include "application/provider.h"

enum {
    ANSWER_OTHERWISE = -3,      /* conditions beside the HTTP statuses: whatever it is */
    ANSWER_NOT_SENT = -2,       /* no byte of the request left us */
    ANSWER_LOST = -1            /* sent, but no whole answer */
};

#define ANY_ERROR ""      /* any type, but the body must hold an error of the provider's */

struct answer_rule {
    int                   first, last;          /* HTTP status or condition */
    enum provider_operation operation;          /* OP_ANY: every one */
    const char           *type;                 /* the error's; NULL: any, even no error at all */
    const char           *code;                 /* the error's; NULL: any */
    enum provider_verdict verdict;
    enum problem_type     problem;
    const char           *detail;
};

/* type, code: of the error in the body; type "" when it holds none. rules end with ANSWER_OTHERWISE. */
const struct answer_rule *answer_rule_for(const struct answer_rule *rules,
                                          const struct provider_reply *reply,
                                          enum provider_operation operation, const char *type,
                                          const char *code);

/* What the client is told; with Retry-After, at most a minute, when the provider is busy. */
struct problem *answer_problem_of(struct ctx *ctx, const struct answer_rule *rule,
                                  const struct provider_reply *reply);

/* What the caller of a checkout can correct: 422, with the member at fault ("#/customerEmail"). */
struct problem *answer_correctable(struct ctx *ctx, const char *pointer);

/*
 * Is that the refund we asked for? It is when it names our payment's charge, and our id or, without any,
 * our amount: an id that the provider did not keep makes it no other one. With the id of another refund
 * it is no answer to our call.
 */
bool answer_names_refund(const struct provider_refund *reported, const struct payment *payment,
                         const struct refund *refund);

#endif
