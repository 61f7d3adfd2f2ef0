/* The list of planned faults: which of them strike a request, and how often each still can. */
#include <config.h>

#include "faults.h"

#include <fnmatch.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "fault_read.h"
#include "sandbox/http/http.h"
#include "sandbox/kit/alloc.h"
#include "sandbox/kit/strbuf.h"

struct faults {
    pthread_mutex_t lock;
    struct fault  **items;
    size_t          count;
    struct moods   *moods;
};

struct faults *faults_new(void)
{
    struct faults *faults = alloc_new(1, sizeof *faults);

    pthread_mutex_init(&faults->lock, NULL);
    faults->moods = moods_new();
    return faults;
}

void faults_clear(struct faults *faults)
{
    pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->count; i++)
        fault_free(faults->items[i]);
    free(faults->items);
    faults->items = NULL;
    faults->count = 0;
    pthread_mutex_unlock(&faults->lock);
    moods_clear(faults->moods);
}

void faults_free(struct faults *faults)
{
    faults_clear(faults);
    moods_free(faults->moods);
    pthread_mutex_destroy(&faults->lock);
    free(faults);
}

struct moods *faults_moods(struct faults *faults)
{
    return faults->moods;
}

bool faults_add(struct faults *faults, const json_t *description, char *why_out, size_t size_bytes)
{
    struct fault *fault = fault_read(description, why_out, size_bytes);
    bool          added;

    if (fault == NULL)
        return false;
    pthread_mutex_lock(&faults->lock);
    added = faults->count < FAULTS_MAX;
    if (added) {
        faults->items = alloc_resize(faults->items, faults->count + 1, sizeof(struct fault *));
        faults->items[faults->count++] = fault;
    }
    pthread_mutex_unlock(&faults->lock);
    if (!added) {
        fault_free(fault);
        copy_bounded(why_out, size_bytes, "Too many faults.");
    }
    return added;
}

json_t *faults_list(struct faults *faults)
{
    json_t *list = json_array();

    pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = faults->items[i];

        json_array_append_new(list, json_pack(
            "{s:s, s:s?, s:s?, s:s?, s:s?, s:I, s:I, s:f, s:b, s:i}",
            "action", fault_plan_name(&fault->plan), "method", fault->method,
            "path", fault->path, "contains", fault->contains,
            "provider", fault->provider, "times", fault->times,
            "hits", fault->hits, "probability", fault->probability,
            "after_work", fault->plan.after_work, "status", fault->plan.status));
    }
    pthread_mutex_unlock(&faults->lock);
    return list;
}

/* In the path, the query or the body. */
static bool contains(const struct http_request *request, const char *text)
{
    return strstr(request->path, text) != NULL || strstr(request->query, text) != NULL ||
           (request->body_bytes > 0 &&
            memmem(request->body, request->body_bytes, text, strlen(text)) != NULL);
}

static bool is_page(const char *path)
{
    return strncmp(path, "/pay/", 5) == 0 || strncmp(path, "/checkout/", 10) == 0;
}

static bool strikes(struct fault *fault, const struct http_request *request)
{
    bool is_event = strcmp(request->method, FAULT_METHOD_EVENT) == 0;

    if (fault->times == 0)
        return false;
    if (fault->method == NULL ? is_event : strcmp(fault->method, request->method) != 0)
        return false;
    if (fault->is_of_api && is_page(request->path))
        return false;
    if (fault->plan.distortions == FAULT_STALE && strcmp(request->method, "GET") != 0)
        return false;
    if (fault->path != NULL && fnmatch(fault->path, request->path, 0) != 0)
        return false;
    if (fault->contains != NULL && !contains(request, fault->contains))
        return false;
    if (fault->provider != NULL &&
        (request->provider == NULL || strcmp(fault->provider, request->provider) != 0))
        return false;
    return fault->probability >= 1 || erand48(fault->random) < fault->probability;
}

/* Delays and distortions add up; of the other faults only the first one strikes. */
static bool has_room(const struct fault_plan *plan, const struct fault *fault)
{
    return plan->action == FAULT_NONE || fault->plan.action == FAULT_NONE ||
           fault->plan.action == FAULT_LATENCY || fault->plan.action == FAULT_HANG;
}

static void add_to_plan(struct fault_plan *plan, const struct fault_plan *more)
{
    struct fault_plan sum = *plan;

    if (more->action != FAULT_NONE && more->action != FAULT_LATENCY && more->action != FAULT_HANG)
        sum = *more;
    sum.distortions = plan->distortions | more->distortions;
    sum.before_ms = plan->before_ms + more->before_ms;
    sum.after_ms = plan->after_ms + more->after_ms;
    sum.shift = more->shift != 0 ? more->shift : plan->shift;
    sum.lag_s = more->lag_s != 0 ? more->lag_s : plan->lag_s;
    copy_bounded(sum.text, sizeof sum.text, more->text[0] != '\0' ? more->text : plan->text);
    *plan = sum;
}

struct fault_plan faults_take(struct faults *faults, const struct http_request *request)
{
    struct fault_plan plan = { 0 };

    pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->count; i++) {
        struct fault *fault = faults->items[i];

        if (!has_room(&plan, fault) || !strikes(fault, request))
            continue;
        add_to_plan(&plan, &fault->plan);
        fault->hits++;
        if (fault->times > 0)
            fault->times--;
    }
    pthread_mutex_unlock(&faults->lock);
    return plan;
}

struct fault_plan faults_take_event(struct faults *faults, const char *provider, const char *type,
                                    const char *payload)
{
    return faults_take(faults, &(struct http_request) {
        .method = FAULT_METHOD_EVENT, .path = type, .query = "", .body = payload,
        .body_bytes = strlen(payload), .provider = provider });
}
