/* reconciliation_stream.h - all findings of a comparison as CSV, in the memory of one batch. */
#ifndef PAYAPI_INFRASTRUCTURE_API_OUTPUT_RECONCILIATION_STREAM_H
#define PAYAPI_INFRASTRUCTURE_API_OUTPUT_RECONCILIATION_STREAM_H

#include "application/store/store_reconcile.h"
#include "application/stream.h"
#include "csv.h"

const struct answer_stream *findings_as_csv(struct arena *arena, const struct reconciliation *run);

#endif
