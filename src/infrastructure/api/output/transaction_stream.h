/* transaction_stream.h - all movements that match, as CSV or NDJSON, in the memory of one batch. */
#ifndef PAYAPI_INFRASTRUCTURE_API_TRANSACTION_STREAM_H
#define PAYAPI_INFRASTRUCTURE_API_TRANSACTION_STREAM_H

#include "application/store/store_movements.h"
#include "application/stream.h"
#include "csv.h"

#define NDJSON_TYPE "application/x-ndjson"

/* The filter is copied; its texts must live as long as the arena. */
const struct answer_stream *transactions_as_csv(struct arena *arena,
                                                const struct transaction_filter *filter);
const struct answer_stream *transactions_as_ndjson(struct arena *arena,
                                                   const struct transaction_filter *filter);

#endif
