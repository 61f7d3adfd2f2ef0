/* transaction_json.h - a money movement as JSON: the same in lists and in NDJSON. */
#ifndef PAYAPI_INFRASTRUCTURE_API_TRANSACTION_JSON_H
#define PAYAPI_INFRASTRUCTURE_API_TRANSACTION_JSON_H

#include "application/store/store_movements.h"
#include "base/text.h"

/* A movement is only written down when it has happened. */
#define TRANSACTION_STATUS "posted"

void transaction_json(struct text *text, const struct transaction *transaction);

#endif
