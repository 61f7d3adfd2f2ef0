/*
 * idempotency.h - one key, one effect, one answer (docs/contract.md section 6; IETF
 * draft-ietf-httpapi-idempotency-key-header).
 *
 * A command peeks at its key, takes it in its first transaction, and finishes it, with the answer,
 * in its last. A taken key is a lease: when it has run out, another runner takes over a crashed
 * runner's key, and the fence keeps the old runner from finishing it. Scope: principal and route.
 */
#ifndef PAYAPI_APPLICATION_IDEMPOTENCY_H
#define PAYAPI_APPLICATION_IDEMPOTENCY_H

#include "application/answer.h"

#define IDEMPOTENCY_LEASE_S 30

struct idempotency_key {
    /* the token's subject; "", which no token has, for all API keys of the shop */
    const char *principal;
    const char *route;                  /* "POST /api/v1/orders/:id/checkout" */
    const char *key;                    /* 1-255 visible ASCII, without quotes */
    const char *fingerprint;  /* SHA-256 of method, path and canonical body; 64 hex digits */
    const char *holder;                 /* random per request: recognises our own claim */
};

enum claim_state {
    CLAIM_FREE,                         /* to be taken: fresh, our own again, or left by another */
    CLAIM_RUNNING,                      /* somebody else runs it now */
    CLAIM_DONE,                         /* answer holds the first answer */
    CLAIM_OTHER_REQUEST                 /* the key belongs to another request */
};

struct claim {
    enum claim_state  state;
    int64_t           fence;            /* with CLAIM_FREE: the key's, once it is taken */
    int64_t           version;          /* of the key's row as it was peeked at; 0: there is none */
    bool              starts_afresh;    /* the row is too old and counts as absent */
    struct payment_id payment_id;       /* "" unless an earlier run reached a payment */
    struct answer     answer;           /* with CLAIM_DONE */
};

/*
 * True when the command must run. Otherwise *answer_out (replay) or *problem_out (409, 422) is set.
 */
MUST_CHECK bool idempotency_must_run(struct ctx *ctx, const struct claim *claim,
                                     struct answer *answer_out, const struct problem **problem_out);

#endif
