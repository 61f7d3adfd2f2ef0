/* One comparison with the lists of a provider: shown with its findings, and a finding explained. */
#include "application/commands.h"
#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/http/accept.h"
#include "infrastructure/api/input/fields.h"
#include "infrastructure/api/output/answer_json.h"
#include "infrastructure/api/output/reconciliation_json.h"
#include "infrastructure/api/output/reconciliation_stream.h"

const struct problem *post_finding_explain(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out)
{
    struct explain_finding command = { .reconciliation_id = request->id, .number = -1 };
    struct text data = text_new(ctx->arena);
    struct reconciliation run;
    struct json_body body;
    struct fields fields;

    TRY(json_body_read(ctx, request, BODY_REQUIRED, &body));
    fields = fields_new(ctx->arena, &body);
    if (!fields_whole_number(&fields, "finding", FIELD_REQUIRED, &command.number)
        || command.number == 0)
        fields_fault(&fields, "finding", "must be the number of a finding");
    command.reason = fields_text(&fields, "reason", FIELD_REQUIRED, FINDING_REASON_MAX);
    TRY(fields_finish(&fields));
    TRY(explain_finding(ctx, &command));
    TRY(get_reconciliation(ctx, request->id, &run));
    TRY(reconciliation_json_with_findings(ctx, &data, &run));
    *answer_out = envelope(ctx, 200, text_bytes(&data), NULL);
    return OK;
}

enum format { FORMAT_JSON, FORMAT_CSV, FORMAT_COUNT };

static const char *const media_types[FORMAT_COUNT] = {
    [FORMAT_JSON] = "application/json", [FORMAT_CSV] = CSV_TYPE,
};

const struct problem *get_reconciliation_by_id(struct ctx *ctx, const struct request *request,
                                               struct answer *answer_out)
{
    const int format = accept_choose(request->accept, media_types, FORMAT_COUNT);
    struct text data = text_new(ctx->arena);
    struct reconciliation run;

    if (format == ACCEPT_NONE)
        return problem_new(ctx->arena, PROBLEM_NOT_ACCEPTABLE,
                           "This address answers in application/json and " CSV_TYPE ".");
    TRY(get_reconciliation(ctx, request->id, &run));
    if (format == FORMAT_CSV) {
        *answer_out = (struct answer) { .http_status = 200,
                                        .stream = findings_as_csv(ctx->arena, &run) };
        return OK;
    }
    TRY(reconciliation_json_with_findings(ctx, &data, &run));
    *answer_out = envelope(ctx, 200, text_bytes(&data), NULL);
    return OK;
}
