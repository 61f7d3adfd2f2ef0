#include <config.h>

#include "faults.h"

#include "http.h"
#include "memory.h"
#include "provider.h"
#include "text.h"

#include <fnmatch.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HANG_DEFAULT_S  60
#define DELAY_MS_MAX    (3600 * 1000)
#define TIMES_UNLIMITED (-1)

struct fault {
    char             *method;           /* NULL: any */
    char             *path;             /* fnmatch pattern; NULL: any */
    char             *contains;         /* in the body; NULL: any */
    char             *provider;         /* NULL: any */
    json_int_t        times;            /* left, or TIMES_UNLIMITED */
    json_int_t        hits;
    double            probability;      /* 1: always */
    unsigned short    random[3];
    struct fault_plan plan;
};

struct faults {
    pthread_mutex_t lock;
    struct fault  **items;
    size_t          count;
};

/* Each action's name, and whether its work is done when the fault does not say. */
static const struct { enum fault_action action; const char *name; bool after_work, fixed; }
actions[] = {
    { FAULT_LATENCY,        "latency",        false, false },
    { FAULT_HANG,           "hang",           false, false },
    { FAULT_STATUS,         "status",         false, false },
    { FAULT_HTML,           "html",           false, false },
    { FAULT_RESET,          "reset",          false, true  },
    { FAULT_LOSE_ANSWER,    "lose_answer",    true,  true  },
    { FAULT_CUT_HEADERS,    "cut_headers",    true,  true  },
    { FAULT_CUT_BODY,       "cut_body",       true,  true  },
    { FAULT_MALFORMED,      "malformed",      true,  true  },
    { FAULT_HUGE,           "huge",           true,  true  },
    { FAULT_WRONG_AMOUNT,   "wrong_amount",   true,  true  },
    { FAULT_WRONG_CURRENCY, "wrong_currency", true,  true  },
};

#define ACTION_COUNT (sizeof actions / sizeof actions[0])

struct faults *faults_new(void)
{
    struct faults *faults = memory_new(1, sizeof *faults);

    pthread_mutex_init(&faults->lock, NULL);
    return faults;
}

static void fault_free(struct fault *fault)
{
    free(fault->method);
    free(fault->path);
    free(fault->contains);
    free(fault->provider);
    free(fault);
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
}

void faults_free(struct faults *faults)
{
    faults_clear(faults);
    pthread_mutex_destroy(&faults->lock);
    free(faults);
}

const char *fault_action_name(enum fault_action action)
{
    for (size_t i = 0; i < ACTION_COUNT; i++)
        if (actions[i].action == action)
            return actions[i].name;
    return "none";
}

static bool read_action(const char *name, const json_t *after_work, struct fault_plan *plan,
                        char *why_out, size_t size_bytes)
{
    for (size_t i = 0; i < ACTION_COUNT; i++) {
        if (strcmp(actions[i].name, name) != 0)
            continue;
        plan->action = actions[i].action;
        plan->after_work = actions[i].after_work;
        if (after_work != NULL && actions[i].fixed &&
            json_is_true(after_work) != actions[i].after_work) {
            snprintf(why_out, size_bytes, "after_work of %s is always %s.", name,
                     actions[i].after_work ? "true" : "false");
            return false;
        }
        if (after_work != NULL)
            plan->after_work = json_is_true(after_work);
        return true;
    }
    snprintf(why_out, size_bytes, "Unknown action \"%s\".", name);
    return false;
}

static bool check_provider(const char *provider, char *why_out, size_t size_bytes)
{
    if (provider == NULL || provider_is_known(provider))
        return true;
    snprintf(why_out, size_bytes, "Unknown provider \"%s\".", provider);
    return false;
}

static void read_headers(json_t *headers, struct fault_plan *plan)
{
    const char *name;
    json_t     *value;

    json_object_foreach(headers, name, value) {
        if (plan->header_count == FAULT_HEADERS_MAX || !json_is_string(value))
            break;
        text_copy(plan->headers[plan->header_count].name,
                  sizeof plan->headers[0].name, name);
        text_copy(plan->headers[plan->header_count++].value,
                  sizeof plan->headers[0].value, json_string_value(value));
    }
}

/* The member names of a fault; a misspelt one would make a test prove nothing. */
#define FAULT_FORMAT                                                                             \
    "{s?{s?s, s?s, s?s, s?s !}, s:s, s?I, s?F, s?I, s?I, s?F, s?o, s?i, s?s, s?s, s?s, s?o !}"

static bool read_fault(const json_t *description, struct fault *fault, char *why_out,
                       size_t size_bytes)
{
    const char  *method = NULL, *path = NULL, *contains = NULL, *provider = NULL;
    const char  *action = NULL, *type = "", *code = "", *message = "";
    json_t      *after_work = NULL, *headers = NULL;
    json_int_t   seed = 1, latency_ms = 0;
    double       seconds = HANG_DEFAULT_S;
    json_error_t error;

    fault->times = 0;
    fault->probability = -1;
    fault->plan.status = 0;
    if (json_unpack_ex((json_t *) (size_t) description, &error, 0, FAULT_FORMAT,
                       "match", "method", &method, "path", &path, "contains", &contains,
                       "provider", &provider, "action", &action, "times", &fault->times,
                       "probability", &fault->probability, "seed", &seed,
                       "latency_ms", &latency_ms, "seconds", &seconds, "after_work", &after_work,
                       "status", &fault->plan.status, "type", &type, "code", &code,
                       "message", &message, "headers", &headers) != 0) {
        text_copy(why_out, size_bytes, error.text);
        return false;
    }
    if (!check_provider(provider, why_out, size_bytes) ||
        !read_action(action, after_work, &fault->plan, why_out, size_bytes))
        return false;
    if (fault->plan.action == FAULT_HANG)
        latency_ms += (json_int_t) (seconds * 1000);
    if (latency_ms < 0 || latency_ms > DELAY_MS_MAX) {
        text_copy(why_out, size_bytes, "The delay must lie between 0 and one hour.");
        return false;
    }
    *(fault->plan.after_work ? &fault->plan.after_ms : &fault->plan.before_ms) = latency_ms;
    fault->method = memory_dup(method);
    fault->path = memory_dup(path);
    fault->contains = memory_dup(contains);
    fault->provider = memory_dup(provider);
    text_copy(fault->plan.type, sizeof fault->plan.type, type);
    text_copy(fault->plan.code, sizeof fault->plan.code, code);
    text_copy(fault->plan.message, sizeof fault->plan.message, message);
    read_headers(headers, &fault->plan);
    memcpy(fault->random, &(uint64_t) { (uint64_t) seed * 2654435761u }, sizeof fault->random);
    return true;
}

/* Without times a fault strikes once, with a probability for ever. */
static bool settle_limits(struct fault *fault, char *why_out, size_t size_bytes)
{
    bool is_status = fault->plan.action == FAULT_STATUS || fault->plan.action == FAULT_HTML;

    if (fault->times == 0)
        fault->times = fault->probability < 0 ? 1 : TIMES_UNLIMITED;
    if (fault->probability < 0)
        fault->probability = 1;
    if (fault->plan.status == 0)
        fault->plan.status = fault->plan.action == FAULT_HTML ? 502 : 500;
    if (fault->times < TIMES_UNLIMITED || fault->probability > 1) {
        text_copy(why_out, size_bytes, "times must be -1 or positive, probability 0 to 1.");
        return false;
    }
    if (is_status && (fault->plan.status < 200 || fault->plan.status > 599)) {
        text_copy(why_out, size_bytes, "status must lie between 200 and 599.");
        return false;
    }
    return true;
}

bool faults_add(struct faults *faults, const json_t *description, char *why_out, size_t size_bytes)
{
    struct fault *fault = memory_new(1, sizeof *fault);
    bool          added;

    if (!read_fault(description, fault, why_out, size_bytes) ||
        !settle_limits(fault, why_out, size_bytes)) {
        fault_free(fault);
        return false;
    }
    pthread_mutex_lock(&faults->lock);
    added = faults->count < FAULTS_MAX;
    if (added) {
        faults->items = memory_resize(faults->items, faults->count + 1, sizeof(struct fault *));
        faults->items[faults->count++] = fault;
    }
    pthread_mutex_unlock(&faults->lock);
    if (!added) {
        fault_free(fault);
        text_copy(why_out, size_bytes, "Too many faults.");
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
            "action", fault_action_name(fault->plan.action), "method", fault->method,
            "path", fault->path, "contains", fault->contains,
            "provider", fault->provider, "times", fault->times,
            "hits", fault->hits, "probability", fault->probability,
            "after_work", fault->plan.after_work, "status", fault->plan.status));
    }
    pthread_mutex_unlock(&faults->lock);
    return list;
}

static bool strikes(struct fault *fault, const struct http_request *request)
{
    if (fault->times == 0)
        return false;
    if (fault->method != NULL && strcmp(fault->method, request->method) != 0)
        return false;
    if (fault->path != NULL && fnmatch(fault->path, request->path, 0) != 0)
        return false;
    if (fault->contains != NULL && (request->body_bytes == 0 ||
        memmem(request->body, request->body_bytes, fault->contains,
               strlen(fault->contains)) == NULL))
        return false;
    if (fault->provider != NULL &&
        (request->provider == NULL || strcmp(fault->provider, request->provider) != 0))
        return false;
    return fault->probability >= 1 || erand48(fault->random) < fault->probability;
}

struct fault_plan faults_take(struct faults *faults, const struct http_request *request)
{
    struct fault_plan plan = { 0 };

    pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->count; i++) {
        struct fault *fault = faults->items[i];
        bool          is_delay = fault->plan.action == FAULT_LATENCY ||
                                 fault->plan.action == FAULT_HANG;
        int64_t       before_ms = plan.before_ms, after_ms = plan.after_ms;

        /* Delays add up; of the others the first one strikes. */
        if ((!is_delay && plan.action != FAULT_NONE) || !strikes(fault, request))
            continue;
        if (!is_delay)
            plan = fault->plan;
        plan.before_ms = before_ms + fault->plan.before_ms;
        plan.after_ms = after_ms + fault->plan.after_ms;
        fault->hits++;
        if (fault->times > 0)
            fault->times--;
    }
    pthread_mutex_unlock(&faults->lock);
    return plan;
}
