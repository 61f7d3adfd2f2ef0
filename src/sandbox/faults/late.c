/* Keeps late requests, the earliest first, until their time has come. */
#include "late.h"

#include <pthread.h>
#include <stdlib.h>

#include "sandbox/http/http.h"
#include "sandbox/kit/alloc.h"
#include "sandbox/kit/heap.h"

struct late {
    pthread_mutex_t lock;
    struct heap     waiting;            /* of struct late_request, owned */
};

struct late *late_new(void)
{
    struct late *late = alloc_new(1, sizeof *late);

    pthread_mutex_init(&late->lock, NULL);
    return late;
}

void late_request_free(struct late_request *request)
{
    free(request->method);
    free(request->path);
    free(request->query);
    free(request->body);
    free(request->authorization);
    free(request->idempotency_key);
    free(request->api_version);
    free(request);
}

void late_clear(struct late *late)
{
    struct late_request *request;

    pthread_mutex_lock(&late->lock);
    while ((request = heap_pop(&late->waiting)) != NULL)
        late_request_free(request);
    heap_clear(&late->waiting);
    pthread_mutex_unlock(&late->lock);
}

void late_free(struct late *late)
{
    late_clear(late);
    pthread_mutex_destroy(&late->lock);
    free(late);
}

void late_keep(struct late *late, const struct http_request *request, int64_t at_s)
{
    struct late_request *kept = alloc_new(1, sizeof *kept);

    *kept = (struct late_request) {
        .method = alloc_dup(request->method), .path = alloc_dup(request->path),
        .query = alloc_dup(request->query),
        .body = alloc_dup_bytes(request->body, request->body_bytes),
        .authorization = alloc_dup(request->authorization),
        .idempotency_key = alloc_dup(request->idempotency_key),
        .api_version = alloc_dup(request->api_version), .body_bytes = request->body_bytes,
    };
    pthread_mutex_lock(&late->lock);
    heap_push(&late->waiting, at_s, kept);
    pthread_mutex_unlock(&late->lock);
}

struct late_request *late_take(struct late *late, int64_t now_s)
{
    const struct heap_item *first;
    struct late_request    *request = NULL;

    pthread_mutex_lock(&late->lock);
    first = heap_first(&late->waiting);
    if (first != NULL && first->at <= now_s)
        request = heap_pop(&late->waiting);
    pthread_mutex_unlock(&late->lock);
    return request;
}
