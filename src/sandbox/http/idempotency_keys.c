/* The table of keys with their fingerprints and answers. */
#include "idempotency_keys.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/kit/alloc.h"
#include "sandbox/kit/strbuf.h"
#include "sandbox/kit/table.h"

struct entry {
    unsigned char             fingerprint[IDEMPOTENCY_FINGERPRINT_BYTES];
    int64_t                   begun_s;
    struct idempotency_answer answer;   /* body NULL: still running */
};

struct idempotency_keys {
    pthread_mutex_t lock;
    struct table   *by_key;
};

static void entry_free(void *value)
{
    struct entry *entry = value;

    free(entry->answer.body);
    free(entry);
}

struct idempotency_keys *idempotency_keys_new(void)
{
    struct idempotency_keys *store = alloc_new(1, sizeof *store);

    pthread_mutex_init(&store->lock, NULL);
    store->by_key = table_new();
    return store;
}

void idempotency_keys_free(struct idempotency_keys *store)
{
    table_free(store->by_key, entry_free);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

void idempotency_keys_clear(struct idempotency_keys *store)
{
    pthread_mutex_lock(&store->lock);
    table_free(store->by_key, entry_free);
    store->by_key = table_new();
    pthread_mutex_unlock(&store->lock);
}

static void open_entry(struct idempotency_keys *store, const char *key,
                       const unsigned char *fingerprint, int64_t now_s)
{
    struct entry *entry = alloc_new(1, sizeof *entry);

    memcpy(entry->fingerprint, fingerprint, sizeof entry->fingerprint);
    entry->begun_s = now_s;
    table_put(store->by_key, key, entry);
}

static enum idempotency_verdict judge(const struct entry *entry, const unsigned char *fingerprint,
                                      struct idempotency_answer *answer_out)
{
    if (memcmp(entry->fingerprint, fingerprint, sizeof entry->fingerprint) != 0)
        return IDEMPOTENCY_MISMATCH;
    if (entry->answer.body == NULL)
        return IDEMPOTENCY_IN_USE;
    *answer_out = entry->answer;
    answer_out->body = alloc_dup(entry->answer.body);
    return IDEMPOTENCY_REPLAY;
}

enum idempotency_verdict
idempotency_keys_begin(struct idempotency_keys *store, const char *key,
                       const unsigned char fingerprint[IDEMPOTENCY_FINGERPRINT_BYTES],
                       int64_t now_s, struct idempotency_answer *answer_out)
{
    enum idempotency_verdict verdict = IDEMPOTENCY_EXECUTE;
    struct entry            *entry;

    pthread_mutex_lock(&store->lock);
    entry = table_find(store->by_key, key);
    if (entry != NULL && entry->answer.body != NULL &&
        now_s - entry->begun_s >= IDEMPOTENCY_TTL_S) {
        entry_free(table_remove(store->by_key, key));
        entry = NULL;
    }
    if (entry == NULL)
        open_entry(store, key, fingerprint, now_s);
    else
        verdict = judge(entry, fingerprint, answer_out);
    pthread_mutex_unlock(&store->lock);
    return verdict;
}

void idempotency_keys_store(struct idempotency_keys *store, const char *key, int status,
                            const char *body, const char *request_id)
{
    struct entry *entry;

    pthread_mutex_lock(&store->lock);
    entry = table_find(store->by_key, key);
    if (entry != NULL && entry->answer.body == NULL) {   /* entry is NULL after a reset meanwhile */
        entry->answer.status = status;
        entry->answer.body = alloc_dup(body);
        copy_bounded(entry->answer.request_id, sizeof entry->answer.request_id, request_id);
    }
    pthread_mutex_unlock(&store->lock);
}

void idempotency_keys_forget(struct idempotency_keys *store, const char *key)
{
    struct entry *entry;

    pthread_mutex_lock(&store->lock);
    entry = table_remove(store->by_key, key);
    if (entry != NULL)
        entry_free(entry);
    pthread_mutex_unlock(&store->lock);
}

static void write_entry(const char *key, void *value, void *list)
{
    const struct entry *entry = value;
    char                fingerprint[2 * IDEMPOTENCY_FINGERPRINT_BYTES + 1];

    if (entry->answer.body == NULL)
        return;
    for (size_t i = 0; i < IDEMPOTENCY_FINGERPRINT_BYTES; i++)
        snprintf(fingerprint + 2 * i, 3, "%02x", entry->fingerprint[i]);
    json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:i, s:s, s:s}",
        "key", key, "fingerprint", fingerprint, "begun_s", (json_int_t) entry->begun_s,
        "status", entry->answer.status, "body", entry->answer.body,
        "request_id", entry->answer.request_id));
}

json_t *idempotency_keys_write(struct idempotency_keys *store)
{
    json_t *list = json_array();

    pthread_mutex_lock(&store->lock);
    table_each(store->by_key, write_entry, list);
    pthread_mutex_unlock(&store->lock);
    return list;
}

static bool read_fingerprint(const char *text, struct entry *entry)
{
    if (strlen(text) != 2 * IDEMPOTENCY_FINGERPRINT_BYTES ||
        strspn(text, "0123456789abcdef") != strlen(text))
        return false;
    for (size_t i = 0; i < IDEMPOTENCY_FINGERPRINT_BYTES; i++) {
        char byte[3] = { text[2 * i], text[2 * i + 1], '\0' };

        entry->fingerprint[i] = (unsigned char) strtoul(byte, NULL, 16);
    }
    return true;
}

static bool read_entry(struct idempotency_keys *store, json_t *described)
{
    const char   *key, *fingerprint, *body, *request_id;
    json_int_t    begun_s;
    int           status;
    struct entry *entry;

    if (json_unpack(described, "{s:s, s:s, s:I, s:i, s:s, s:s}", "key", &key,
                    "fingerprint", &fingerprint, "begun_s", &begun_s, "status", &status,
                    "body", &body, "request_id", &request_id) != 0 ||
        table_find(store->by_key, key) != NULL)
        return false;
    entry = alloc_new(1, sizeof *entry);
    table_put(store->by_key, key, entry);
    entry->begun_s = begun_s;
    entry->answer.status = status;
    entry->answer.body = alloc_dup(body);
    copy_bounded(entry->answer.request_id, sizeof entry->answer.request_id, request_id);
    return read_fingerprint(fingerprint, entry);
}

bool idempotency_keys_read(struct idempotency_keys *store, const json_t *entries,
                           struct state_reader *reader)
{
    json_t *described;
    size_t  i;
    bool    is_right = json_is_array(entries);

    pthread_mutex_lock(&store->lock);
    json_array_foreach(entries, i, described)
        is_right = is_right && read_entry(store, described);
    pthread_mutex_unlock(&store->lock);
    return is_right || state_refuse(reader, "idempotency: not a list of answers");
}
