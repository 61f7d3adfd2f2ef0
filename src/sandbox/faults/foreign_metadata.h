/*
 * foreign_metadata.h - metadata as another program on the same account writes it.
 */
#ifndef PAYAPI_SANDBOX_FAULTS_FOREIGN_METADATA_H
#define PAYAPI_SANDBOX_FAULTS_FOREIGN_METADATA_H

#include <jansson.h>

/* Like ours, but without a proof, and with a payment id of its own. New; NULL of NULL. */
json_t *foreign_metadata(const json_t *ours);

#endif
