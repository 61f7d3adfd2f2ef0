/* reconciliation_json.h - a comparison with a provider's lists, and what it found, as JSON. */
#ifndef PAYAPI_INFRASTRUCTURE_API_OUTPUT_RECONCILIATION_JSON_H
#define PAYAPI_INFRASTRUCTURE_API_OUTPUT_RECONCILIATION_JSON_H

#include "application/store/store_reconcile.h"
#include "base/text.h"

/* "2026-11-30" */
const char *day_text(struct arena *arena, int64_t day_ms);
/* {"id":...}: without findings. */
void reconciliation_json(struct ctx *ctx, struct text *text, const struct reconciliation *run);
/*
 * The same with "findings": all of them, or the first FINDINGS_JSON_MAX and "moreFindings": true.
 */
#define FINDINGS_JSON_MAX 1000
const struct problem *reconciliation_json_with_findings(struct ctx *ctx, struct text *text,
                                                        const struct reconciliation *run);

#endif
