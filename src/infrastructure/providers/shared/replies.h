/*
 * replies.h - what an unsuccessful reply means: looked up in a table that each provider has.
 *
 * The first row that matches counts. The last row, REPLY_OTHERWISE, matches everything else: a
 * payment that may have been made must never be called failed.
 */
#ifndef PAYAPI_INFRASTRUCTURE_PROVIDERS_SHARED_REPLIES_H
#define PAYAPI_INFRASTRUCTURE_PROVIDERS_SHARED_REPLIES_H

#include "application/provider.h"

enum {
    REPLY_OTHERWISE = -3,      /* conditions besides the HTTP statuses: anything else */
    REPLY_NOT_SENT = -2,       /* no byte of the request left us */
    REPLY_LOST = -1            /* sent, but without a complete answer */
};

#define ANY_ERROR ""      /* any type, but the body must hold an error from the provider */

struct reply_rule {
    int                   first, last;          /* HTTP status or condition */
    enum provider_operation operation;          /* OP_ANY: every one */
    const char           *type;                 /* the error's; NULL: any, even no error at all */
    const char           *code;                 /* the error's; NULL: any */
    enum provider_verdict verdict;
    enum problem_type     problem;
    const char           *detail;
};

/*
 * type, code: of the error in the body; type "" when it holds none. rules end with REPLY_OTHERWISE.
 */
const struct reply_rule *reply_rule_for(const struct reply_rule *rules,
                                        const struct provider_reply *reply,
                                        enum provider_operation operation, const char *type,
                                        const char *code);

/* What the client is told; with Retry-After, at most a minute, when the provider is busy. */
struct problem *reply_problem_of(struct ctx *ctx, const struct reply_rule *rule,
                                 const struct provider_reply *reply);

/* What the caller of a checkout can correct: 422, with the member at fault ("#/customerEmail"). */
struct problem *reply_correctable(struct ctx *ctx, const char *pointer);

#endif
