/* Keeps the last requests in a ring, and counts by operation. */
#include "request_log.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/faults/fault_read.h"
#include "sandbox/kit/alloc.h"
#include "sandbox/kit/strbuf.h"
#include "sandbox/kit/table.h"

struct entry {
    char   *method, *path, *idempotency_key, *api_version, *body;
    int     status;
    const char *fault, *provider;                       /* static; provider may be NULL */
    int64_t at_s;
};

struct request_log {
    pthread_mutex_t lock;
    struct entry    entries[REQUEST_LOG_ENTRIES];       /* a ring */
    size_t          added;
    struct table   *counts;                             /* "POST /v1/x" to size_t */
};

struct request_log *request_log_new(void)
{
    struct request_log *log = alloc_new(1, sizeof *log);

    pthread_mutex_init(&log->lock, NULL);
    log->counts = table_new();
    return log;
}

static void clear_entry(struct entry *entry)
{
    free(entry->method);
    free(entry->path);
    free(entry->idempotency_key);
    free(entry->api_version);
    free(entry->body);
    *entry = (struct entry) { 0 };
}

void request_log_clear(struct request_log *log)
{
    pthread_mutex_lock(&log->lock);
    for (size_t i = 0; i < REQUEST_LOG_ENTRIES; i++)
        clear_entry(&log->entries[i]);
    log->added = 0;
    table_free(log->counts, free);
    log->counts = table_new();
    pthread_mutex_unlock(&log->lock);
}

void request_log_free(struct request_log *log)
{
    request_log_clear(log);
    table_free(log->counts, free);
    pthread_mutex_destroy(&log->lock);
    free(log);
}

static void count_request(struct request_log *log, const char *method, const char *operation)
{
    struct strbuf name = { 0 };
    size_t     *count;

    strbuf_addf(&name, "%s %s", method, operation);
    count = table_find(log->counts, name.bytes);
    if (count == NULL) {
        count = alloc_new(1, sizeof *count);
        table_put(log->counts, name.bytes, count);
    }
    ++*count;
    strbuf_free(&name);
}

void request_log_add(struct request_log *log, const struct exchange *exchange,
                     const char *operation, int64_t at_s)
{
    const struct http_request *request = &exchange->request;
    size_t        body_bytes = request->body_bytes < REQUEST_LOG_BODY_BYTES_MAX
                                   ? request->body_bytes : REQUEST_LOG_BODY_BYTES_MAX;
    struct strbuf   path = { 0 };
    struct entry *entry;

    strbuf_addf(&path, "%s%s%s", request->path, request->query[0] == '\0' ? "" : "?",
                request->query);
    pthread_mutex_lock(&log->lock);
    entry = &log->entries[log->added++ % REQUEST_LOG_ENTRIES];
    clear_entry(entry);
    *entry = (struct entry) {
        .method = alloc_dup(request->method),
        .path = strbuf_take(&path),
        .idempotency_key = alloc_dup(request->idempotency_key),
        .api_version = alloc_dup(request->api_version),
        .body = alloc_dup_bytes(request->body, body_bytes),
        .status = exchange->response.status,
        .fault = fault_plan_name(&exchange->plan),
        .provider = request->provider,
        .at_s = at_s,
    };
    count_request(log, request->method, operation);
    pthread_mutex_unlock(&log->lock);
}

static json_t *describe(const struct entry *entry)
{
    json_t *body = json_string(entry->body);    /* NULL when it is not UTF-8 */

    return json_pack("{s:s?, s:s, s:s, s:s?, s:s?, s:o?, s:i, s:s, s:I}",
                     "provider", entry->provider, "method", entry->method, "path", entry->path,
                     "idempotency_key", entry->idempotency_key,
                     "stripe_version", entry->api_version, "body", body,
                     "status", entry->status, "fault", entry->fault,
                     "at", (json_int_t) entry->at_s);
}

json_t *request_log_list(struct request_log *log, size_t limit)
{
    json_t *list = json_array();

    pthread_mutex_lock(&log->lock);
    for (size_t i = 0; i < limit && i < log->added && i < REQUEST_LOG_ENTRIES; i++)
        json_array_append_new(
            list, describe(&log->entries[(log->added - 1 - i) % REQUEST_LOG_ENTRIES]));
    pthread_mutex_unlock(&log->lock);
    return list;
}

static void add_count(const char *key, void *value, void *with)
{
    const char *blank = strchr(key, ' ');

    json_array_append_new(with, json_pack("{s:s%, s:s, s:I}", "method", key,
                                          (size_t) (blank - key), "path", blank + 1,
                                          "count", (json_int_t) *(size_t *) value));
}

json_t *request_log_counts(struct request_log *log)
{
    json_t *list = json_array();

    pthread_mutex_lock(&log->lock);
    table_each(log->counts, add_count, list);
    pthread_mutex_unlock(&log->lock);
    return list;
}
