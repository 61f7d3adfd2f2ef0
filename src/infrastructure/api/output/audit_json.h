/* audit_json.h - audit rows, checkpoints and findings as JSON: in answers and in exports. */
#ifndef PAYAPI_INFRASTRUCTURE_API_OUTPUT_AUDIT_JSON_H
#define PAYAPI_INFRASTRUCTURE_API_OUTPUT_AUDIT_JSON_H

#include "application/audit/audit_report.h"
#include "application/store/store_audit.h"
#include "base/text.h"

/* Without the braces, so that an export can add the proof. */
void audit_entry_members(struct text *text, const struct audit_entry *entry);
void audit_checkpoint_members(struct text *text, const struct audit_checkpoint *checkpoint);
/* {"ok":true,"rows":...,"payments":...,"checkpoints":...,"findings":[...],"moreFindings":false} */
void audit_report_json(struct text *text, const struct audit_report *report);

#endif
