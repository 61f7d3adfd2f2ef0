/* API keys in memory: made, ended once, their use noted. */
#include "application/store/store_api_keys.h"

#include "fake_store_parts.h"

static struct fake_api_key *key_row(struct fake_tables *rows, const char *id)
{
    for (int i = 0; i < rows->api_key_count; i++)
        if (same(rows->api_keys[i].key.id.text, id))
            return &rows->api_keys[i];
    return NULL;
}

static const struct problem *apply_insert(struct ctx *ctx, const void *argument)
{
    const struct fake_api_key *made = argument;
    struct fake_tables *rows = part_tables(ctx->store);

    if (key_row(rows, made->key.id.text) != NULL)
        return part_refuse(ctx, "api_keys_pkey");
    assert_true(rows->api_key_count < FAKE_ROWS_MAX);
    rows->api_keys[rows->api_key_count++] = *made;
    return OK;
}

void store_api_key_insert(struct ctx *ctx, const struct api_key *key, struct digest digest)
{
    struct fake_api_key *made = arena_alloc(ctx->arena, sizeof(*made));

    *made = (struct fake_api_key) { .key = *key, .digest = digest };
    part_queue(ctx, apply_insert, made);
}

struct key_lock { struct api_key_id id; struct api_key_record *record_out; bool *found_out; };

static const struct problem *read_key(struct ctx *ctx, void *argument)
{
    const struct key_lock *lock = argument;
    const struct fake_api_key *row = key_row(part_tables(ctx->store), lock->id.text);

    *lock->found_out = row != NULL;
    if (row != NULL)
        *lock->record_out = (struct api_key_record) { .key = row->key, .created_by = "somebody",
                                                      .revoked_by = row->revoked_by };
    return OK;
}

const struct problem *store_api_key_lock(struct ctx *ctx, struct api_key_id id,
                                         struct api_key_record *record_out, bool *found_out)
{
    struct key_lock lock = { id, record_out, found_out };

    return part_wait(ctx, read_key, &lock);
}

struct key_end { struct api_key_id id; const char *by; };

static const struct problem *apply_revocation(struct ctx *ctx, const void *argument)
{
    const struct key_end *end = argument;
    struct fake_api_key *row = key_row(part_tables(ctx->store), end->id.text);

    if (row == NULL || row->key.revoked_at_ms != 0)
        fail_msg("a key was revoked that is not there, or is revoked already");
    row->key.revoked_at_ms = ctx->now_ms;
    COPY(row->revoked_by, end->by);
    return OK;
}

void store_api_key_revoke(struct ctx *ctx, struct api_key_id id)
{
    struct key_end *end = arena_alloc(ctx->arena, sizeof(*end));

    *end = (struct key_end) { id, ctx->actor.id };
    part_queue(ctx, apply_revocation, end);
}

struct key_search { struct digest digest; struct api_key *key_out; bool *found_out; };

static const struct problem *search_key(struct ctx *ctx, void *argument)
{
    const struct key_search *search = argument;
    struct fake_tables *rows = part_tables(ctx->store);

    *search->found_out = false;
    for (int i = 0; i < rows->api_key_count; i++)
        if (digest_equal(rows->api_keys[i].digest, search->digest)) {
            *search->key_out = rows->api_keys[i].key;
            *search->found_out = true;
        }
    return OK;
}

const struct problem *store_api_key_find(struct ctx *ctx, struct digest digest,
                                         struct api_key *key_out, bool *found_out)
{
    struct key_search search = { digest, key_out, found_out };

    return part_wait(ctx, search_key, &search);
}

static const struct problem *note_use(struct ctx *ctx, void *argument)
{
    const struct api_key_id *id = argument;

    key_row(part_tables(ctx->store), id->text)->uses_noted++;
    return OK;
}

const struct problem *store_api_key_note_use(struct ctx *ctx, struct api_key_id id)
{
    return part_wait(ctx, note_use, &id);
}

struct key_page { const struct api_key_query *query; struct api_key_page *out; };

static const struct problem *read_page(struct ctx *ctx, void *argument)
{
    const struct key_page *page = argument;
    struct fake_tables *rows = part_tables(ctx->store);

    *page->out = (struct api_key_page) {
        .records = arena_alloc(ctx->arena, FAKE_ROWS_MAX * sizeof(struct api_key_record)),
    };
    for (int i = rows->api_key_count - 1; i >= 0; i--) {
        const struct fake_api_key *row = &rows->api_keys[i];

        if (page->query->after_id != NULL
            && strcmp(row->key.id.text, page->query->after_id) >= 0)
            continue;
        page->out->more = page->out->count == page->query->limit;
        if (page->out->more)
            break;
        page->out->records[page->out->count++] = (struct api_key_record) { .key = row->key };
    }
    return OK;
}

const struct problem *store_api_keys_list(struct ctx *ctx, const struct api_key_query *query,
                                          struct api_key_page *page_out)
{
    struct key_page page = { query, page_out };

    return part_wait(ctx, read_page, &page);
}
