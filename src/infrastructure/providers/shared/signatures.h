/*
 * signatures.h - what the signatures of every provider have in common: HMAC, as lower-case hex.
 */
#ifndef PAYAPI_PROVIDERS_SIGNATURES_H
#define PAYAPI_PROVIDERS_SIGNATURES_H

#include "application/ctx.h"
#include "infrastructure/hmac.h"

/* hex_out: two bytes for each of the code's, and a NUL. An upper-case signature is another one. */
void signature_print_mac(enum hmac_hash hash, const char *key, struct bytes text, char *hex_out);

/* The client learns only that it does not fit; which check failed is for our log. */
const struct problem *signature_refused(struct ctx *ctx, const char *cause);

#endif
