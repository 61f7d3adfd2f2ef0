/* One API key: made, and revoked. */
#include "application/commands.h"
#include "domain/moment.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/input/fields.h"
#include "infrastructure/api/output/answer_json.h"
#include "infrastructure/api/output/api_key_json.h"

static struct scopes read_scopes(struct fields *fields)
{
    const char *names[SCOPE_COUNT];
    int count = fields_texts(fields, "scopes", FIELD_REQUIRED, SCOPE_COUNT - 1, names);
    struct scopes scopes = { 0 };
    enum scope scope;

    for (int i = 0; i < count; i++)
        if (!scope_parse(names[i], &scope))
            fields_fault_in(fields, "scopes", i, "is not a scope");
        else if (!scopes_add(&scopes, scope))
            fields_fault_in(fields, "scopes", i, "is there already");
    return scopes;
}

static void read_networks(struct fields *fields, struct create_api_key *command)
{
    const char *texts[API_KEY_NETWORKS_MAX];
    int count = fields_texts(fields, "networks", FIELD_OPTIONAL, API_KEY_NETWORKS_MAX, texts);

    for (int i = 0; i < count; i++)
        if (!network_parse(texts[i], &command->networks[i]))
            fields_fault_in(fields, "networks", i,
                            "must be a network like 192.0.2.0/24 or 2001:db8::/32, with zeros after"
                            " the prefix");
    command->network_count = count;
}

static int64_t read_expiry(struct fields *fields)
{
    const char *text = fields_text(fields, "expiresAt", FIELD_OPTIONAL, 64);
    int64_t at_ms = 0;

    if (*text != '\0' && !moment_parse(text, &at_ms))
        fields_fault(fields, "expiresAt", "must be a time like 2027-01-31T00:00:00Z");
    return at_ms;
}

/* No Idempotency-Key: the stored answer would hold the key. A repeat makes another key. */
const struct problem *post_api_key(struct ctx *ctx, const struct request *request,
                                   struct answer *answer_out)
{
    struct create_api_key command = { 0 };
    struct text data = text_new(ctx->arena);
    struct new_api_key created;
    struct json_body body;
    struct fields fields;

    TRY(json_body_read(ctx, request, BODY_REQUIRED, &body));
    fields = fields_new(ctx->arena, &body);
    command.name = fields_text(&fields, "name", FIELD_REQUIRED, API_KEY_NAME_MAX);
    command.scopes = read_scopes(&fields);
    read_networks(&fields, &command);
    command.expires_at_ms = read_expiry(&fields);
    TRY(fields_finish(&fields));
    TRY(create_api_key(ctx, &command, &created));
    api_key_json_with_text(&data, &created);
    *answer_out = envelope(ctx, 201, text_bytes(&data), NULL);
    return OK;
}

const struct problem *delete_api_key(struct ctx *ctx, const struct request *request,
                                     struct answer *answer_out)
{
    struct text data = text_new(ctx->arena);
    struct api_key_record record;

    TRY(read_no_members(ctx, request));
    TRY(revoke_api_key(ctx, request->id, &record));
    api_key_json(&data, &record);
    *answer_out = envelope(ctx, 200, text_bytes(&data), NULL);
    return OK;
}
