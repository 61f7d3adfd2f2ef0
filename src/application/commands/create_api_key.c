/* Makes an API key. Its text is in the result and nowhere else; the store has its SHA-256. */
#include "application/commands.h"

#include <stdio.h>

#include "application/entropy.h"
#include "application/settling/history_api_key.h"
#include "application/transaction.h"

struct creation {
    struct api_key         key;
    struct digest          digest;
    struct api_key_record *record_out;
};

/* Rules that need the caller or the time: each fault under the member that it is about. */
static const struct problem *check(struct ctx *ctx, const struct create_api_key *command)
{
    struct problem *problem = problem_new(ctx->arena, PROBLEM_VALIDATION_FAILED,
                                          "This API key cannot be made; errors says why.");

    for (enum scope scope = SCOPE_NONE + 1; scope < SCOPE_COUNT; scope++)
        if (scopes_hold(command->scopes, scope) && !scopes_allow(ctx_scopes(ctx), scope))
            problem_add_field(ctx->arena, problem, "#/scopes",
                              "must not have %s, which your own key does not have",
                              scope_name(scope));
    if (command->expires_at_ms != 0 && command->expires_at_ms <= ctx->now_ms)
        problem_add_field(ctx->arena, problem, "#/expiresAt", "must be ahead");
    return problem->field_count > 0 ? problem : OK;
}

/* Each digit is as likely as any other: bytes from 248 on are drawn again. */
static void draw(unsigned char digits_out[static API_KEY_RANDOM])
{
    for (int i = 0; i < API_KEY_RANDOM; i++)
        do
            entropy_fill(&digits_out[i], 1);
        while (digits_out[i] >= 4 * 62);
    for (int i = 0; i < API_KEY_RANDOM; i++)
        digits_out[i] %= 62;
}

static struct api_key key_to_create(struct ctx *ctx, const struct create_api_key *command,
                                    char text_out[static API_KEY_TEXT_MAX])
{
    unsigned char digits[API_KEY_RANDOM];
    struct api_key key = {
        .live = ctx_is_live(ctx), .scopes = command->scopes,
        .network_count = command->network_count, .created_at_ms = ctx->now_ms,
        .expires_at_ms = command->expires_at_ms,
    };

    draw(digits);
    api_key_print(key.live, digits, text_out);
    api_key_show(text_out, key.shown);
    ctx_new_id(ctx, "key", key.id.text);
    snprintf(key.name, sizeof(key.name), "%s", command->name);
    memcpy(key.networks, command->networks, sizeof(key.networks));
    return key;
}

/* A repeat after a COMMIT without an answer finds the key that it made, and its audit row. */
static const struct problem *create(struct ctx *ctx, void *argument)
{
    struct creation *work = argument;
    bool found;

    TRY(store_api_key_lock(ctx, work->key.id, work->record_out, &found));
    if (found)
        return OK;
    store_api_key_insert(ctx, &work->key, work->digest);
    history_api_key_created(ctx, &work->key);
    return store_api_key_lock(ctx, work->key.id, work->record_out, &found);
}

const struct problem *create_api_key(struct ctx *ctx, const struct create_api_key *command,
                                     struct new_api_key *key_out)
{
    struct creation work = { .record_out = &key_out->record };
    struct bytes text;

    TRY(check(ctx, command));
    work.key = key_to_create(ctx, command, key_out->text);
    text = bytes_of(key_out->text);
    work.digest = digest_of(&text, 1);
    return in_transaction(ctx, create, &work);
}
