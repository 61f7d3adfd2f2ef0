/* POST /api/v1/payments/:id/review: an admin's verdict on a payment that needs one. */
#include <string.h>

#include "application/commands.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/input/fields.h"

#define REASON_BYTES_MAX    500
#define REFERENCE_BYTES_MAX 100
#define VERDICT_BYTES_MAX   32

static enum review_verdict read_verdict(struct fields *fields)
{
    enum review_verdict verdict = REVIEW_VERDICT_DISMISS;
    const char *name = fields_text(fields, "verdict", FIELD_OPTIONAL, VERDICT_BYTES_MAX);

    if (name[0] != '\0' && !review_verdict_parse(name, &verdict))
        fields_fault(fields, "verdict", "must be dismiss, accept, refund, write_off,"
                     " refund_elsewhere, give_owner, give_up_call or attach");
    return verdict;
}

/* A member that belongs to another verdict is refused: ignoring the mistake could cost money. */
static void refuse_stray(struct fields *fields, const char *name, bool given, bool belongs)
{
    if (given && !belongs)
        fields_fault(fields, name, "does not belong to this verdict");
}

static void read_members(struct fields *fields, struct review_payment *command)
{
    command->verdict = read_verdict(fields);
    command->reason = fields_text(fields, "reason", FIELD_REQUIRED, REASON_BYTES_MAX);
    command->owner_id = fields_text(fields, "ownerId", FIELD_OPTIONAL, OWNER_ID_MAX - 1);
    command->reference = fields_text(fields, "reference", FIELD_OPTIONAL, REFERENCE_BYTES_MAX);
    command->order_id = fields_text(fields, "orderId", FIELD_OPTIONAL, ORDER_ID_TEXT_MAX - 1);
    refuse_stray(fields, "orderId", command->order_id[0] != '\0',
                 command->verdict == REVIEW_VERDICT_ATTACH);
    refuse_stray(fields, "ownerId", command->owner_id[0] != '\0',
                 command->verdict == REVIEW_VERDICT_GIVE_OWNER);
    refuse_stray(fields, "reference", command->reference[0] != '\0',
                 command->verdict == REVIEW_VERDICT_REFUND_ELSEWHERE);
}

/*
 * The payment's currency decides what the amount's digits mean, so the amount is read once the
 * currency is known.
 */
static const struct problem *read_terms(struct ctx *ctx, const void *body, const char *currency,
                                        struct review_terms *terms_out)
{
    struct fields fields = fields_new(ctx->arena, body);
    struct review_payment command = { .reason = "" };

    read_members(&fields, &command);
    terms_out->amount_minor = fields_money_optional(&fields, currency).minor;
    terms_out->amount_pointer = json_pointer(ctx->arena, fields_money_name(&fields));
    refuse_stray(&fields, fields_money_name(&fields), terms_out->amount_minor != 0,
                 command.verdict == REVIEW_VERDICT_REFUND
                     || command.verdict == REVIEW_VERDICT_REFUND_ELSEWHERE);
    return fields_finish(&fields);
}

const struct problem *post_payment_review(struct ctx *ctx, const struct request *request,
                                          struct answer *answer_out)
{
    struct payment_id id;
    struct json_body body;
    struct review_payment command = { .read_terms = read_terms, .body = &body };
    struct fields fields;

    TRY(read_payment_id(ctx, request, &id));
    TRY(json_body_read(ctx, request, BODY_REQUIRED, &body));
    fields = fields_new(ctx->arena, &body);
    read_members(&fields, &command);
    (void) fields_money_optional(&fields, "");      /* its digits: read_terms */
    TRY(fields_finish(&fields));
    command.payment_id = id.text;
    return review_payment(ctx, &command, answer_out);
}
