/* One comparison with the lists of a provider: shown with its findings, and a finding explained. */
#include <stdlib.h>
#include <string.h>

#include "application/commands.h"
#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/http/accept.h"
#include "infrastructure/api/input/fields.h"
#include "infrastructure/api/output/answer_json.h"
#include "infrastructure/api/output/reconciliation_json.h"
#include "infrastructure/api/output/reconciliation_stream.h"

#define DIGITS_MAX 18

/* The number of a finding; 0, with a fault noted, when it is not one. */
static int64_t read_number(struct fields *fields, const char *name)
{
    const json_t *number = fields_member(fields, name, FIELD_REQUIRED);
    char digits[DIGITS_MAX + 1];
    struct bytes raw;

    if (number == NULL)
        return 0;
    raw = json_is_integer(number) ? json_body_number(fields->body, number) : bytes_of("");
    if (raw.size > 0 && raw.size <= DIGITS_MAX && raw.data[0] != '0') {
        memcpy(digits, raw.data, raw.size);
        digits[raw.size] = '\0';
        if (digits[strspn(digits, "0123456789")] == '\0')
            return strtoll(digits, NULL, 10);
    }
    fields_fault(fields, name, "must be the number of a finding");
    return 0;
}

const struct problem *post_finding_explain(struct ctx *ctx, const struct request *request,
                                           struct answer *answer_out)
{
    struct explain_finding command = { .reconciliation_id = request->id };
    struct text data = text_new(ctx->arena);
    struct reconciliation run;
    struct json_body body;
    struct fields fields;

    TRY(json_body_read(ctx, request, BODY_REQUIRED, &body));
    fields = fields_new(ctx->arena, &body);
    command.number = read_number(&fields, "finding");
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
