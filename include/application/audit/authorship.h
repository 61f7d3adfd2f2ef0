/*
 * authorship.h - proves which objects at a provider this installation has made.
 *
 * Other programs may share the provider's account, and anybody with a shop's public key can make a
 * payment there and write anything into its metadata. So everything that we make carries a proof: a
 * code over the payment, its order and its amount that only a holder of our key can make. Without a
 * proof, metadata alone never makes us adopt, refund as surplus or book anything. The keys:
 * AUTHORSHIP_KEY. The first one makes proofs; each of them verifies.
 */
#ifndef PAYAPI_APPLICATION_AUDIT_AUTHORSHIP_H
#define PAYAPI_APPLICATION_AUDIT_AUTHORSHIP_H

#include "domain/payment.h"

#define AUTHORSHIP_PROOF_MAX 48         /* with its NUL */

struct authorship;                      /* the keys */

/* The proof of that payment: of its provider, id, order, amount and currency. */
void authorship_prove(const struct authorship *authorship, const struct payment *payment,
                      char proof_out[static AUTHORSHIP_PROOF_MAX]);
/* True when one of our keys made it for exactly that payment. proof may be any text. */
MUST_CHECK bool authorship_is_ours(const struct authorship *authorship,
                                   const struct payment *payment, const char *proof);
/* True when it names a key of ours, whatever it proves: no stranger writes that by chance. */
MUST_CHECK bool authorship_names_our_key(const struct authorship *authorship, const char *proof);

#endif
