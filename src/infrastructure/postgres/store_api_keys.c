/* The keys of back ends: found by their digest, made, revoked, listed. */
#include "application/store/store_api_keys.h"

#include "actor_text.h"
#include "base/text.h"
#include "infrastructure/postgres/pg/statements.h"

#define COPY(row, column, array) pg_row_copy((row), (column), (array), sizeof(array))

/* Lists are texts with blanks between: no scope and no network has one inside. */
#define API_KEY_COLUMNS \
    " key_id, live, shown, name, array_to_string(scopes, ' ') AS scopes," \
    " array_to_string(networks, ' ') AS networks, ms(created_at) AS created_at_ms, created_by," \
    " ms(expires_at) AS expires_at_ms, ms(revoked_at) AS revoked_at_ms, revoked_by," \
    " ms(last_used_at) AS last_used_at_ms"

/* --- Lists in one text ------------------------------------------------------------------ */

/* The next word; *rest moves behind it. NULL: there is none. */
static const char *next_word(struct arena *arena, const char **rest)
{
    size_t size = strcspn(*rest, " ");
    const char *word = arena_bytes_dup(arena, (struct bytes) { *rest, size });

    *rest += size + ((*rest)[size] == ' ');
    return size > 0 ? word : NULL;
}

/* A scope of a later version is unknown here, and allows nothing. */
static struct scopes read_scopes(struct arena *arena, const char *text)
{
    struct scopes scopes = { 0 };
    enum scope scope;

    for (const char *word; (word = next_word(arena, &text)) != NULL;)
        if (scope_parse(word, &scope))
            scopes_add(&scopes, scope);
    return scopes;
}

/*
 * Each is in the form that we wrote. One that cannot be read becomes 0.0.0.0/32, where nobody is:
 * if it were left out, the last of them would open the key to everybody.
 */
static void read_networks(struct arena *arena, const char *text, struct api_key *key)
{
    for (const char *word; (word = next_word(arena, &text)) != NULL
                           && key->network_count < API_KEY_NETWORKS_MAX;) {
        struct network *network = &key->networks[key->network_count++];

        if (!network_parse(word, network))
            *network = (struct network) { .bytes = { [10] = 0xff, [11] = 0xff }, .bits = 128 };
    }
}

static const char *scopes_text(struct arena *arena, struct scopes scopes)
{
    struct text text = text_new(arena);

    for (enum scope scope = SCOPE_NONE + 1; scope < SCOPE_COUNT; scope++)
        if (scopes_hold(scopes, scope))
            text_printf(&text, "%s%s", text.size > 0 ? " " : "", scope_name(scope));
    return text_bytes(&text).data;
}

static const char *networks_text(struct arena *arena, const struct api_key *key)
{
    struct text text = text_new(arena);
    char printed[NETWORK_TEXT_MAX];

    for (int i = 0; i < key->network_count; i++) {
        network_print(&key->networks[i], printed);
        text_printf(&text, "%s%s", i > 0 ? " " : "", printed);
    }
    return text_bytes(&text).data;
}

/* --- Reading ---------------------------------------------------------------------------- */

static struct api_key row_key(struct arena *arena, struct pg_row row)
{
    struct api_key key = {
        .live = pg_row_bool(row, "live"),
        .scopes = read_scopes(arena, pg_row_text(row, "scopes")),
        .created_at_ms = pg_row_i64(row, "created_at_ms"),
        .expires_at_ms = pg_row_i64(row, "expires_at_ms"),
        .revoked_at_ms = pg_row_i64(row, "revoked_at_ms"),
        .last_used_at_ms = pg_row_i64(row, "last_used_at_ms"),
    };

    COPY(row, "key_id", key.id.text);
    COPY(row, "shown", key.shown);
    COPY(row, "name", key.name);
    read_networks(arena, pg_row_text(row, "networks"), &key);
    return key;
}

static struct api_key_record row_record(struct arena *arena, struct pg_row row)
{
    return (struct api_key_record) {
        .key = row_key(arena, row),
        .created_by = pg_row_text(row, "created_by"),
        .revoked_by = pg_row_text(row, "revoked_by"),
    };
}

/* Its time tells a guesser nothing: who knows the digest knows the key. */
static const struct pg_statement api_key_find = {
    .name = "api_key_find",
    .sql = "SELECT" API_KEY_COLUMNS " FROM api_keys WHERE key_hash = $1"
};

const struct problem *store_api_key_find(struct ctx *ctx, struct digest digest,
                                         struct api_key *key_out, bool *found_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_bytes(&args, (struct bytes) { (const char *) digest.bytes, DIGEST_BYTES });  /* $1 */
    pg_queue_optional(ctx, &api_key_find, &args, &rows);
    TRY(pg_wait(ctx));
    *found_out = rows.count == 1;
    if (*found_out)
        *key_out = row_key(ctx->arena, pg_row_at(&rows, 0));
    return OK;
}

static const struct pg_statement api_key_lock = {
    .name = "api_key_lock",
    .sql = "SELECT" API_KEY_COLUMNS " FROM api_keys WHERE key_id = $1 FOR NO KEY UPDATE"
};

const struct problem *store_api_key_lock(struct ctx *ctx, struct api_key_id id,
                                         struct api_key_record *record_out, bool *found_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_text(&args, id.text);                                        /* $1 */
    pg_queue_optional(ctx, &api_key_lock, &args, &rows);
    TRY(pg_wait(ctx));
    *found_out = rows.count == 1;
    if (*found_out)
        *record_out = row_record(ctx->arena, pg_row_at(&rows, 0));
    return OK;
}

/* Keys are few, and made in the order of their ids. */
static const struct pg_statement api_keys_list = {
    .name = "api_keys_list",
    .sql =
        "SELECT" API_KEY_COLUMNS
        " FROM api_keys"
        " WHERE $2::text IS NULL OR key_id < $2"
        " ORDER BY key_id DESC"
        " LIMIT $1"
};

const struct problem *store_api_keys_list(struct ctx *ctx, const struct api_key_query *query,
                                          struct api_key_page *page_out)
{
    struct pg_args args = { 0 };
    struct pg_rows rows;

    pg_i64(&args, query->limit + 1);                                /* $1 */
    pg_text(&args, query->after_id);                                /* $2 */
    pg_queue_many(ctx, &api_keys_list, &args, &rows);
    TRY(pg_wait(ctx));
    page_out->more = rows.count > query->limit;
    page_out->count = page_out->more ? query->limit : rows.count;
    page_out->records = arena_alloc(ctx->arena, (size_t) (page_out->count + 1)
                                                * sizeof(struct api_key_record));
    for (int i = 0; i < page_out->count; i++)
        page_out->records[i] = row_record(ctx->arena, pg_row_at(&rows, i));
    return OK;
}

/* --- Writing ---------------------------------------------------------------------------- */

static const struct pg_statement api_key_insert = {
    .name = "api_key_insert",
    .sql =
        "INSERT INTO api_keys"
        "   (key_id, key_hash, live, shown, name, scopes, networks, created_at, created_by,"
        "    expires_at)"
        " VALUES"
        "   ($1, $2, $3, $4, $5, string_to_array($6, ' '), string_to_array($7, ' ')::cidr[],"
        "    at_ms($8), $9, at_ms($10))"
};

void store_api_key_insert(struct ctx *ctx, const struct api_key *key, struct digest digest)
{
    struct pg_args args = { 0 };

    pg_text(&args, key->id.text);                                   /* $1 */
    pg_bytes(&args, (struct bytes) { (const char *) digest.bytes, DIGEST_BYTES });   /* $2 */
    pg_bool(&args, key->live);                                      /* $3 */
    pg_text(&args, key->shown);                                     /* $4 */
    pg_text(&args, key->name);                                      /* $5 */
    pg_text(&args, scopes_text(ctx->arena, key->scopes));           /* $6 */
    pg_text(&args, networks_text(ctx->arena, key));                 /* $7 */
    pg_i64(&args, key->created_at_ms);                              /* $8 */
    pg_text(&args, actor_text(ctx));                                /* $9 */
    pg_i64_or_null(&args, key->expires_at_ms);                      /* $10 */
    pg_queue_one(ctx, &api_key_insert, &args, NULL);
}

static const struct pg_statement api_key_revoke = {
    .name = "api_key_revoke",
    .sql =
        "WITH revoked AS ("
        "   UPDATE api_keys SET revoked_at = at_ms($2), revoked_by = $3"
        "   WHERE key_id = $1 AND revoked_at IS NULL"
        "   RETURNING 1)"
        " SELECT must_be_one(count(*)) FROM revoked"
};

void store_api_key_revoke(struct ctx *ctx, struct api_key_id id)
{
    struct pg_args args = { 0 };

    pg_text(&args, id.text);              /* $1 */
    pg_i64(&args, ctx->now_ms);                                     /* $2 */
    pg_text(&args, actor_text(ctx));                                /* $3 */
    pg_queue_one(ctx, &api_key_revoke, &args, NULL);
}

static const struct pg_statement api_key_note_use = {
    .name = "api_key_note_use",
    .sql =
        "UPDATE api_keys SET last_used_at = date_trunc('minute', at_ms($2))"
        " WHERE key_id = (SELECT key_id FROM api_keys"
        "                 WHERE key_id = $1"
        "                   AND coalesce(last_used_at < date_trunc('minute', at_ms($2)), true)"
        "                 FOR NO KEY UPDATE SKIP LOCKED)"
};

const struct problem *store_api_key_note_use(struct ctx *ctx, struct api_key_id id)
{
    struct pg_args args = { 0 };

    pg_text(&args, id.text);                                        /* $1 */
    pg_i64(&args, ctx->now_ms);                                     /* $2 */
    pg_queue_any(ctx, &api_key_note_use, &args);
    return pg_wait(ctx);
}

const struct pg_statement *const api_key_statements[] = {
    &api_key_find, &api_key_lock, &api_keys_list, &api_key_insert, &api_key_revoke,
    &api_key_note_use, NULL
};
