/* Proofs that a reader can tell apart: "proof" and what is proved. The key is always the same. */
#include "application/audit/authorship.h"

#include <stdio.h>
#include <string.h>

void authorship_prove(const struct authorship *authorship, const struct payment *payment,
                      char proof_out[static AUTHORSHIP_PROOF_MAX])
{
    unsigned sum = (unsigned) payment->amount.minor;

    (void) authorship;
    for (const char *at = payment->order_id.text; *at != '\0'; at++)
        sum = sum * 31 + (unsigned char) *at;
    snprintf(proof_out, AUTHORSHIP_PROOF_MAX, "proof.%.26s.%.3s.%08x", payment->id.text + 4,
             payment->amount.currency, sum);
}

bool authorship_is_ours(const struct authorship *authorship, const struct payment *payment,
                        const char *proof)
{
    char expected[AUTHORSHIP_PROOF_MAX];

    authorship_prove(authorship, payment, expected);
    return strcmp(proof, expected) == 0;
}

bool authorship_names_our_key(const struct authorship *authorship, const char *proof)
{
    (void) authorship;
    return strncmp(proof, "proof.", 6) == 0;
}
