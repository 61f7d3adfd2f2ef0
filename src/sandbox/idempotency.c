#include "idempotency.h"

#include "memory.h"
#include "table.h"
#include "text.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    unsigned char             fingerprint[IDEMPOTENCY_FINGERPRINT_BYTES];
    int64_t                   begun_s;
    struct idempotency_answer answer;   /* body NULL: still running */
};

struct idempotency {
    pthread_mutex_t lock;
    struct table   *by_key;
};

static void entry_free(void *value)
{
    struct entry *entry = value;

    free(entry->answer.body);
    free(entry);
}

struct idempotency *idempotency_new(void)
{
    struct idempotency *store = memory_new(1, sizeof *store);

    pthread_mutex_init(&store->lock, NULL);
    store->by_key = table_new();
    return store;
}

void idempotency_free(struct idempotency *store)
{
    table_free(store->by_key, entry_free);
    pthread_mutex_destroy(&store->lock);
    free(store);
}

void idempotency_clear(struct idempotency *store)
{
    pthread_mutex_lock(&store->lock);
    table_free(store->by_key, entry_free);
    store->by_key = table_new();
    pthread_mutex_unlock(&store->lock);
}

static void open_entry(struct idempotency *store, const char *key,
                       const unsigned char *fingerprint, int64_t now_s)
{
    struct entry *entry = memory_new(1, sizeof *entry);

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
    answer_out->body = memory_dup(entry->answer.body);
    return IDEMPOTENCY_REPLAY;
}

enum idempotency_verdict
idempotency_begin(struct idempotency *store, const char *key,
                  const unsigned char fingerprint[IDEMPOTENCY_FINGERPRINT_BYTES], int64_t now_s,
                  struct idempotency_answer *answer_out)
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

void idempotency_store(struct idempotency *store, const char *key, int status, const char *body,
                       const char *request_id)
{
    struct entry *entry;

    pthread_mutex_lock(&store->lock);
    entry = table_find(store->by_key, key);
    if (entry != NULL && entry->answer.body == NULL) {   /* NULL after a reset meanwhile */
        entry->answer.status = status;
        entry->answer.body = memory_dup(body);
        text_copy(entry->answer.request_id, sizeof entry->answer.request_id, request_id);
    }
    pthread_mutex_unlock(&store->lock);
}

void idempotency_forget(struct idempotency *store, const char *key)
{
    struct entry *entry;

    pthread_mutex_lock(&store->lock);
    entry = table_remove(store->by_key, key);
    if (entry != NULL)
        entry_free(entry);
    pthread_mutex_unlock(&store->lock);
}
