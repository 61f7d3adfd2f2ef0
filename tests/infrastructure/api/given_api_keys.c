/* The use cases of API keys, replaced: see given.h. */
#include "given.h"

#include <stdio.h>

struct api_key given_key(void)
{
    return (struct api_key) {
        .id = { API_KEY_ID }, .name = "shop", .shown = "01234567", .created_at_ms = NOW_MS - 1000,
    };
}

const struct problem *find_api_key(struct ctx *ctx, struct digest digest, struct api_key *key_out,
                                   bool *found_out)
{
    const struct bytes text = bytes_of(GIVEN_KEY);

    (void) ctx;
    fakes.key_lookups++;
    *key_out = fakes.api_key;
    *found_out = digest_equal(digest, digest_of(&text, 1)) && fakes.api_key.id.text[0] != '\0';
    return OK;
}

const struct problem *create_api_key(struct ctx *ctx, const struct create_api_key *command,
                                     struct new_api_key *key_out)
{
    fakes.create_api_key = *command;
    *key_out = (struct new_api_key) {
        .record = { .key = given_key(), .created_by = "admin:root", .revoked_by = "" },
        .text = GIVEN_KEY,
    };
    key_out->record.key.scopes = command->scopes;
    return called(ctx, "create_api_key");
}

const struct problem *revoke_api_key(struct ctx *ctx, const char *id,
                                     struct api_key_record *record_out)
{
    snprintf(fakes.id, sizeof(fakes.id), "%s", id);
    *record_out = (struct api_key_record) { .key = given_key(), .created_by = "admin:root",
                                            .revoked_by = "admin:root" };
    return called(ctx, "revoke_api_key");
}

const struct problem *list_api_keys(struct ctx *ctx, const struct api_key_query *query,
                                    struct api_key_page *page_out)
{
    (void) query;
    *page_out = (struct api_key_page) { .count = 0 };
    return called(ctx, "list_api_keys");
}

void note_api_key_use(struct ctx *ctx)
{
    (void) ctx;
}
