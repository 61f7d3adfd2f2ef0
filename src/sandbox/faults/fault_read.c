/* Reads a fault from its JSON description, and names it. */
#include "fault_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/http/distort.h"
#include "sandbox/http/provider_paths.h"
#include "sandbox/kit/alloc.h"
#include "sandbox/kit/strbuf.h"

#define HANG_DEFAULT_S  60
#define LATE_DEFAULT_S  150             /* of sandbox time: seen at Paystack */
#define LAG_DEFAULT_S   60
#define SHIFT_DEFAULT   (-1)
#define DELAY_MS_MAX    (3600 * 1000)
#define TIMES_UNLIMITED (-1)

/* The names of the faults in the control API. */
static const struct {
    const char       *name;
    enum fault_action action;
    unsigned          distortion;
    bool              after_work;       /* whether the work is done, if the fault does not say */
    bool              is_fixed;         /* the fault may not change after_work */
} actions[] = {
    { "latency",        FAULT_LATENCY,        0,              false, false },
    { "hang",           FAULT_HANG,           0,              false, false },
    { "status",         FAULT_STATUS,         0,              false, false },
    { "html",           FAULT_HTML,           0,              false, false },
    { "reset",          FAULT_RESET,          0,              false, true  },
    { "late",           FAULT_LATE,           0,              false, true  },
    { "lose_answer",    FAULT_LOSE_ANSWER,    0,              true,  true  },
    { "cut_headers",    FAULT_CUT_HEADERS,    0,              true,  true  },
    { "cut_body",       FAULT_CUT_BODY,       0,              true,  true  },
    { "malformed",      FAULT_MALFORMED,      0,              true,  true  },
    { "huge",           FAULT_HUGE,           0,              true,  true  },
    { "wrong_amount",   FAULT_WRONG_AMOUNT,   0,              true,  true  },
    { "wrong_currency", FAULT_WRONG_CURRENCY, 0,              true,  true  },
    { "stale",          FAULT_NONE,           FAULT_STALE,    true,  true  },
    { "no_note",        FAULT_NONE,           FAULT_NO_NOTE,  true,  true  },
    { "odd_text",       FAULT_NONE,           FAULT_ODD_TEXT, true,  true  },
    { "nulls",          FAULT_NONE,           FAULT_NULLS,    true,  true  },
    { "lag",            FAULT_NONE,           FAULT_LAG,      true,  true  },
    { "shift",          FAULT_NONE,           FAULT_SHIFT,    true,  true  },
};

#define ACTION_COUNT (sizeof actions / sizeof actions[0])

/* The distortions that can change an event before it is sent. */
#define EVENT_DISTORTIONS (FAULT_NO_NOTE | FAULT_ODD_TEXT | FAULT_NULLS)

void fault_free(struct fault *fault)
{
    free(fault->method);
    free(fault->path);
    free(fault->contains);
    free(fault->provider);
    free(fault);
}

const char *fault_plan_name(const struct fault_plan *plan)
{
    for (size_t i = 0; i < ACTION_COUNT; i++)
        if (plan->action != FAULT_NONE ? actions[i].action == plan->action
                                       : (actions[i].distortion & plan->distortions) != 0)
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
        plan->distortions = actions[i].distortion;
        plan->after_work = actions[i].after_work;
        if (after_work != NULL && actions[i].is_fixed &&
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

/* headers: borrowed; NULL: none. */
static bool read_headers(json_t *headers, struct fault_plan *plan, char *why_out,
                         size_t size_bytes)
{
    const char *name;
    json_t     *value;

    json_object_foreach(headers, name, value) {
        if (plan->header_count == FAULT_HEADERS_MAX || !json_is_string(value)) {
            snprintf(why_out, size_bytes,
                     "A fault has at most %d headers, and their values are texts.",
                     FAULT_HEADERS_MAX);
            return false;
        }
        copy_bounded(plan->headers[plan->header_count].name,
                     sizeof plan->headers[0].name, name);
        copy_bounded(plan->headers[plan->header_count++].value,
                     sizeof plan->headers[0].value, json_string_value(value));
    }
    return true;
}

/* The members of a fault. Others are refused: a test with a misspelt member would prove nothing. */
#define FAULT_FORMAT                                                                              \
    "{s?{s?s, s?s, s?s, s?s, s?b !}, s:s, s?I, s?F, s?I, s?I, s?F, s?o, s?i, s?s, s?s, s?s,"      \
    " s?o, s?i, s?s !}"

/* The members of a description, not yet checked. */
struct words {
    const char *method, *path, *contains, *provider, *action, *type, *code, *message, *text;
    json_t     *after_work, *headers;
    json_int_t  seed, latency_ms;
    double      seconds;                /* below 0: not given */
    int         by;
};

static bool read_words(const json_t *description, struct fault *fault, struct words *words,
                       char *why_out, size_t size_bytes)
{
    json_error_t error;

    *words = (struct words) { .type = "", .code = "", .message = "", .text = "", .seed = 1,
                              .seconds = -1, .by = SHIFT_DEFAULT };
    if (json_unpack_ex((json_t *) (size_t) description, &error, 0, FAULT_FORMAT,
                       "match", "method", &words->method, "path", &words->path,
                       "contains", &words->contains, "provider", &words->provider,
                       "api", &fault->is_of_api,
                       "action", &words->action, "times", &fault->times,
                       "probability", &fault->probability, "seed", &words->seed,
                       "latency_ms", &words->latency_ms, "seconds", &words->seconds,
                       "after_work", &words->after_work, "status", &fault->plan.status,
                       "type", &words->type, "code", &words->code, "message", &words->message,
                       "headers", &words->headers, "by", &words->by, "text", &words->text) == 0)
        return true;
    copy_bounded(why_out, size_bytes, error.text);
    return false;
}

/* The seconds of a hang, a late request or a list that lags; each has its own default. */
static bool settle_times(const struct words *words, struct fault_plan *plan, char *why_out,
                         size_t size_bytes)
{
    int64_t delay_ms = words->latency_ms;

    if (plan->action == FAULT_HANG)
        delay_ms += (int64_t) ((words->seconds < 0 ? HANG_DEFAULT_S : words->seconds) * 1000);
    if (plan->action == FAULT_LATE)
        plan->late_s = words->seconds < 0 ? LATE_DEFAULT_S : (int64_t) words->seconds;
    if (plan->distortions == FAULT_LAG)
        plan->lag_s = words->seconds < 0 ? LAG_DEFAULT_S : (int64_t) words->seconds;
    if (delay_ms < 0 || delay_ms > DELAY_MS_MAX) {
        copy_bounded(why_out, size_bytes, "The delay must lie between 0 and one hour.");
        return false;
    }
    *(plan->after_work ? &plan->after_ms : &plan->before_ms) = delay_ms;
    return true;
}

static bool check_distortion(const struct words *words, const struct fault_plan *plan,
                             char *why_out, size_t size_bytes)
{
    bool is_event = words->method != NULL && strcmp(words->method, FAULT_METHOD_EVENT) == 0;

    if (is_event && (plan->distortions & EVENT_DISTORTIONS) == 0)
        copy_bounded(why_out, size_bytes, "An event can have no_note, odd_text or nulls.");
    else if (plan->distortions == FAULT_SHIFT && words->by == 0)
        copy_bounded(why_out, size_bytes, "by is -1 (items come twice), 1 (one is left out), ...");
    else if (!distort_text_is_known(words->text))
        copy_bounded(why_out, size_bytes, "text is nul, surrogate, rtl, emoji or all.");
    else
        return true;
    return false;
}

static void keep_words(const struct words *words, struct fault *fault)
{
    struct fault_plan *plan = &fault->plan;

    fault->method = alloc_dup(words->method);
    fault->path = alloc_dup(words->path);
    fault->contains = alloc_dup(words->contains);
    fault->provider = alloc_dup(words->provider);
    copy_bounded(plan->type, sizeof plan->type, words->type);
    copy_bounded(plan->code, sizeof plan->code, words->code);
    copy_bounded(plan->message, sizeof plan->message, words->message);
    copy_bounded(plan->text, sizeof plan->text, words->text);
    plan->shift = plan->distortions == FAULT_SHIFT ? words->by : 0;
    memcpy(fault->random, &(uint64_t) { (uint64_t) words->seed * 2654435761u },
           sizeof fault->random);
}

static bool read_fault(const json_t *description, struct fault *fault, char *why_out,
                       size_t size_bytes)
{
    struct words words;

    fault->probability = -1;
    if (!read_words(description, fault, &words, why_out, size_bytes) ||
        !check_provider(words.provider, why_out, size_bytes) ||
        !read_action(words.action, words.after_work, &fault->plan, why_out, size_bytes) ||
        !settle_times(&words, &fault->plan, why_out, size_bytes) ||
        !check_distortion(&words, &fault->plan, why_out, size_bytes) ||
        !read_headers(words.headers, &fault->plan, why_out, size_bytes))
        return false;
    keep_words(&words, fault);
    return true;
}

/* Without "times", a fault strikes once; one with a probability strikes for ever. */
static bool settle_limits(struct fault *fault, char *why_out, size_t size_bytes)
{
    bool is_status = fault->plan.action == FAULT_STATUS || fault->plan.action == FAULT_HTML ||
                     (fault->plan.action == FAULT_LATE && fault->plan.status != 0);

    if (fault->times == 0)
        fault->times = fault->probability < 0 ? 1 : TIMES_UNLIMITED;
    if (fault->probability < 0)
        fault->probability = 1;
    if (fault->plan.status == 0 && fault->plan.action != FAULT_LATE)
        fault->plan.status = fault->plan.action == FAULT_HTML ? 502 : 500;
    if (fault->times < TIMES_UNLIMITED || fault->probability > 1) {
        copy_bounded(why_out, size_bytes, "times must be -1 or positive, probability 0 to 1.");
        return false;
    }
    if (is_status && (fault->plan.status < 200 || fault->plan.status > 599)) {
        copy_bounded(why_out, size_bytes, "status must lie between 200 and 599.");
        return false;
    }
    return true;
}

struct fault *fault_read(const json_t *description, char *why_out, size_t size_bytes)
{
    struct fault *fault = alloc_new(1, sizeof *fault);

    if (read_fault(description, fault, why_out, size_bytes) &&
        settle_limits(fault, why_out, size_bytes))
        return fault;
    fault_free(fault);
    return NULL;
}
