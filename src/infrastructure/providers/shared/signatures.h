/*
 * signatures.h - what the signatures of every provider have in common: HMAC, as lower-case hex.
 */
#ifndef PAYAPI_PROVIDERS_SIGNATURES_H
#define PAYAPI_PROVIDERS_SIGNATURES_H

#include "base/bytes.h"
#include "infrastructure/hmac.h"

/* hex_out: two bytes for each of the code's, and a NUL. An upper-case signature is another one. */
void signature_print_mac(enum hmac_hash hash, const char *key, struct bytes text, char *hex_out);

#endif
