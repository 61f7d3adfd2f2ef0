#include "application/queries.h"
#include "infrastructure/api/audit_json.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/json_out.h"

/* 200 with ok false when something was found: the question was answered. */
ENDPOINT(get_audit_verify)
{
    struct audit_report *report = arena_alloc(ctx->arena, sizeof(*report));
    struct text data = text_new(ctx->arena);

    (void) request;
    TRY(verify_audit(ctx, NULL, 0, report));
    audit_report_json(&data, report);
    *answer_out = envelope(ctx, 200, text_bytes(&data), NULL);
    return OK;
}
