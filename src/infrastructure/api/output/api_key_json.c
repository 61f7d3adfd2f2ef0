/* An API key as JSON. */
#include "api_key_json.h"

#include "application/api_key_terms.h"

static void write_members(struct text *text, const struct api_key_record *record)
{
    const struct api_key *key = &record->key;

    json_out_text(text, "id", key->id.text);
    json_out_text(text, "name", key->name);
    json_out_text(text, "mode", key->live ? "live" : "test");
    json_out_text(text, "prefix", key->shown);
    json_out_api_key_terms(text, key);
    json_out_time(text, "createdAt", key->created_at_ms);
    json_out_text(text, "createdBy", record->created_by);
    json_out_time(text, "lastUsedAt", key->last_used_at_ms);
    json_out_time(text, "revokedAt", key->revoked_at_ms);
    json_out_optional(text, "revokedBy", record->revoked_by);
}

void api_key_json(struct text *text, const struct api_key_record *record)
{
    json_out_object(text, NULL);
    write_members(text, record);
    json_out_object_end(text);
}

void api_key_json_with_text(struct text *text, const struct new_api_key *created)
{
    json_out_object(text, NULL);
    write_members(text, &created->record);
    json_out_text(text, "key", created->text);
    json_out_object_end(text);
}
