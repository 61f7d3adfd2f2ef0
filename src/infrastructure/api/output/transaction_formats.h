/*
 * transaction_formats.h - a money movement as JSON: the same in lists and in NDJSON; and all
 * movements that match, as CSV or NDJSON, in the memory of one batch.
 */
#ifndef PAYAPI_INFRASTRUCTURE_API_OUTPUT_TRANSACTION_FORMATS_H
#define PAYAPI_INFRASTRUCTURE_API_OUTPUT_TRANSACTION_FORMATS_H

#include "application/store/store_movement_list.h"
#include "application/stream.h"
#include "base/text.h"
#include "csv.h"

#define NDJSON_TYPE "application/x-ndjson"

/* The only status: a movement is recorded once it has happened. */
#define TRANSACTION_STATUS "posted"

void transaction_json(struct text *text, const struct transaction *transaction);

/* The filter is copied; its texts must live as long as the arena. */
const struct answer_stream *transactions_as_csv(struct arena *arena,
                                                const struct transaction_filter *filter);
const struct answer_stream *transactions_as_ndjson(struct arena *arena,
                                                   const struct transaction_filter *filter);

#endif
