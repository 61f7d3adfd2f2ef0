/* The shop's webhook endpoints: made, shown, changed, deleted, their secret, their test. */
#include "application/commands.h"
#include "application/queries.h"
#include "domain/moment.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/input/fields.h"
#include "infrastructure/api/output/answer_json.h"
#include "infrastructure/api/output/webhook_endpoint_json.h"
#include "infrastructure/webhooks_out/endpoint_url.h"

#define TIME_TEXT_MAX 64

/* --- Members -------------------------------------------------------------------------------- */

static const char *read_url(struct ctx *ctx, struct fields *fields, enum field_rule rule)
{
    const char *url = fields_text(fields, "url", rule, 2 * WEBHOOK_URL_MAX), *fault;

    if (*url == '\0')
        return url;
    fault = endpoint_url_fault(ctx->arena, url,
                               inner_networks_new(ctx->arena, ctx->settings->webhook_allow_nets));
    if (fault != NULL)
        fields_fault(fields, "url", "%s", fault);
    return url;
}

static bool is_listed_before(const char *const *names, int at)
{
    for (int i = 0; i < at; i++)
        if (strcmp(names[i], names[at]) == 0)
            return true;
    return false;
}

static struct webhook_events read_events(struct fields *fields, enum field_rule rule)
{
    const char *names[DOMAIN_EVENT_COUNT];
    int count = fields_texts(fields, "events", rule, DOMAIN_EVENT_COUNT, names);
    struct webhook_events events = { 0 };

    for (int i = 0; i < count; i++)
        if (is_listed_before(names, i))
            fields_fault_in(fields, "events", i, "is there already");
        else if (strcmp(names[i], "*") == 0 && count > 1)
            fields_fault_in(fields, "events", i, "must stand alone: it means all events");
        else if (!webhook_events_add(&events, names[i]))
            fields_fault_in(fields, "events", i, "is not an event that endpoints are told of");
    return events;
}

static const char *read_description(struct fields *fields)
{
    return fields_text(fields, "description", FIELD_OPTIONAL, WEBHOOK_DESCRIPTION_MAX - 1);
}

static enum webhook_endpoint_status read_status(struct fields *fields)
{
    const char *name = fields_text(fields, "status", FIELD_OPTIONAL, 16);
    enum webhook_endpoint_status status = ENDPOINT_ENABLED;

    if (*name != '\0'
        && (!webhook_endpoint_status_parse(name, &status) || status == ENDPOINT_DELETED))
        fields_fault(fields, "status", "must be enabled or disabled");
    return status;
}

/* --- One endpoint --------------------------------------------------------------------------- */

static void answer_with(struct ctx *ctx, int http_status, struct bytes data,
                        struct answer *answer_out)
{
    *answer_out = envelope(ctx, http_status, data, NULL);
}

/* No Idempotency-Key: the stored answer would hold the secret. A repeat finds its URL taken. */
const struct problem *post_webhook_endpoint(struct ctx *ctx, const struct request *request,
                                            struct answer *answer_out)
{
    struct create_webhook_endpoint command;
    struct webhook_endpoint endpoint;
    struct json_body body;
    struct fields fields;

    TRY(json_body_read(ctx, request, BODY_REQUIRED, &body));
    fields = fields_new(ctx->arena, &body);
    command.url = read_url(ctx, &fields, FIELD_REQUIRED);
    command.events = read_events(&fields, FIELD_REQUIRED);
    command.description = read_description(&fields);
    TRY(fields_finish(&fields));
    TRY(create_webhook_endpoint(ctx, &command, &endpoint));
    answer_with(ctx, 201, webhook_endpoint_json_with_secret(ctx, &endpoint), answer_out);
    return OK;
}

const struct problem *get_webhook_endpoint_by_id(struct ctx *ctx, const struct request *request,
                                                 struct answer *answer_out)
{
    struct webhook_endpoint endpoint;

    TRY(get_webhook_endpoint(ctx, request->id, &endpoint));
    answer_with(ctx, 200, webhook_endpoint_json(ctx, &endpoint), answer_out);
    return OK;
}

const struct problem *patch_webhook_endpoint(struct ctx *ctx, const struct request *request,
                                             struct answer *answer_out)
{
    struct change_webhook_endpoint command = { 0 };
    struct webhook_endpoint endpoint;
    struct json_body body;
    struct fields fields;
    const char *url, *description;

    TRY(json_body_read(ctx, request, BODY_REQUIRED, &body));
    fields = fields_new(ctx->arena, &body);
    url = read_url(ctx, &fields, FIELD_OPTIONAL);
    description = read_description(&fields);
    command.events = read_events(&fields, FIELD_OPTIONAL);
    command.status = read_status(&fields);
    TRY(fields_finish(&fields));
    command.url = fields_has(&fields, "url") ? url : NULL;
    command.description = fields_has(&fields, "description") ? description : NULL;
    command.has_events = fields_has(&fields, "events");
    command.has_status = fields_has(&fields, "status");
    TRY(change_webhook_endpoint(ctx, request->id, &command, &endpoint));
    answer_with(ctx, 200, webhook_endpoint_json(ctx, &endpoint), answer_out);
    return OK;
}

const struct problem *delete_webhook_endpoint_by_id(struct ctx *ctx, const struct request *request,
                                                    struct answer *answer_out)
{
    struct webhook_endpoint endpoint;

    TRY(read_no_members(ctx, request));
    TRY(delete_webhook_endpoint(ctx, request->id, &endpoint));
    answer_with(ctx, 200, webhook_endpoint_json(ctx, &endpoint), answer_out);
    return OK;
}

/* --- Its secret ----------------------------------------------------------------------------- */

static int64_t read_overlap(struct fields *fields)
{
    int64_t overlap_s = OVERLAP_S_DEFAULT;

    if (!fields_whole_number(fields, "overlapSeconds", FIELD_OPTIONAL, &overlap_s)
        || overlap_s > OVERLAP_S_MAX)
        fields_fault(fields, "overlapSeconds", "must be a whole number from 0 to %d",
                     OVERLAP_S_MAX);
    return overlap_s;
}

const struct problem *post_rotate_secret(struct ctx *ctx, const struct request *request,
                                         struct answer *answer_out)
{
    struct webhook_endpoint endpoint;
    struct json_body body;
    struct fields fields;
    int64_t overlap_s;

    TRY(json_body_read(ctx, request, BODY_OPTIONAL, &body));
    fields = fields_new(ctx->arena, &body);
    overlap_s = read_overlap(&fields);
    TRY(fields_finish(&fields));
    TRY(rotate_webhook_secret(ctx, request->id, overlap_s, &endpoint));
    answer_with(ctx, 200, webhook_endpoint_json_with_secret(ctx, &endpoint), answer_out);
    return OK;
}

/* --- What is sent on request ---------------------------------------------------------------- */

const struct problem *post_webhook_endpoint_test(struct ctx *ctx, const struct request *request,
                                                 struct answer *answer_out)
{
    struct delivery_details *details = arena_alloc(ctx->arena, sizeof(*details));
    struct text data = text_new(ctx->arena);

    TRY(read_no_members(ctx, request));
    TRY(test_webhook_endpoint(ctx, request->id, details));
    delivery_details_json(&data, details);
    answer_with(ctx, 200, text_bytes(&data), answer_out);
    return OK;
}

static int64_t read_time(struct fields *fields, const char *name, enum field_rule rule)
{
    const char *text = fields_text(fields, name, rule, TIME_TEXT_MAX);
    int64_t at_ms = 0;

    if (*text != '\0' && !moment_parse(text, &at_ms))
        fields_fault(fields, name, "must be a time like 2027-01-31T00:00:00Z");
    return at_ms;
}

const struct problem *post_webhook_endpoint_recover(struct ctx *ctx, const struct request *request,
                                                    struct answer *answer_out)
{
    struct text data = text_new(ctx->arena);
    struct webhook_recovery recovery;
    struct json_body body;
    struct fields fields;
    int64_t since_ms, until_ms;

    TRY(json_body_read(ctx, request, BODY_REQUIRED, &body));
    fields = fields_new(ctx->arena, &body);
    since_ms = read_time(&fields, "since", FIELD_REQUIRED);
    until_ms = read_time(&fields, "until", FIELD_OPTIONAL);
    TRY(fields_finish(&fields));
    TRY(recover_webhooks(ctx, request->id, since_ms, until_ms, &recovery));
    recovery_json(&data, &recovery);
    answer_with(ctx, 200, text_bytes(&data), answer_out);
    return OK;
}
