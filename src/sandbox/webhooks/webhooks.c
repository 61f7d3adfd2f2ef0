/* Holds, drops, duplicates, shuffles and retries messages, and counts their attempts. */
#include "webhooks.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/kit/alloc.h"
#include "sandbox/kit/sandbox_clock.h"
#include "webhook_lanes.h"
#include "webhook_settings.h"

struct list {
    struct webhook_message **items;
    size_t                   count, capacity;
};

struct webhooks {
    pthread_mutex_t      lock;
    pthread_cond_t       changed;
    struct webhook_settings settings;
    char                *first_url, *first_secret, *url, *secret;
    const struct webhook_dialect *dialect;
    unsigned short       random[3];
    uint64_t             shuffled;      /* names the lanes of shuffled copies */
    struct table        *by_id;
    struct list          messages;      /* all, in creation order; owns a reference each */
    struct list          held;          /* some of them; borrowed */
    struct webhook_lanes lanes;
    unsigned long long   changes;
    bool                 is_stopped;
};

static void list_add(struct list *list, struct webhook_message *message)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        list->items = alloc_resize(list->items, list->capacity, sizeof(struct webhook_message *));
    }
    list->items[list->count++] = message;
}

static void seed_random(struct webhooks *webhooks, json_int_t seed)
{
    uint64_t mixed = (uint64_t) seed * 2654435761u + 1;

    memcpy(webhooks->random, &mixed, sizeof webhooks->random);
}

struct webhooks *webhooks_new(const char *url, const char *secret,
                              const struct webhook_dialect *dialect)
{
    struct webhooks   *webhooks = alloc_new(1, sizeof *webhooks);
    pthread_condattr_t monotonic;

    pthread_mutex_init(&webhooks->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&webhooks->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    webhooks->first_url = alloc_dup(url);
    webhooks->url = alloc_dup(url);
    webhooks->first_secret = alloc_dup(secret);
    webhooks->secret = alloc_dup(secret);
    webhooks->dialect = dialect;
    seed_random(webhooks, 1);
    webhooks->by_id = table_new();
    webhook_lanes_init(&webhooks->lanes);
    return webhooks;
}

static void forget_messages(struct webhooks *webhooks)
{
    webhook_lanes_deinit(&webhooks->lanes);
    table_free(webhooks->by_id, NULL);
    for (size_t i = 0; i < webhooks->messages.count; i++)
        webhook_message_release(webhooks->messages.items[i]);
    free(webhooks->messages.items);
    free(webhooks->held.items);
    webhooks->messages = webhooks->held = (struct list) { 0 };
}

void webhooks_free(struct webhooks *webhooks)
{
    forget_messages(webhooks);
    free(webhooks->first_url);
    free(webhooks->first_secret);
    free(webhooks->url);
    free(webhooks->secret);
    pthread_cond_destroy(&webhooks->changed);
    pthread_mutex_destroy(&webhooks->lock);
    free(webhooks);
}

static void replace_text(char **text, const char *with)
{
    if (with == NULL)
        return;
    free(*text);
    *text = alloc_dup(with);
}

void webhooks_reset(struct webhooks *webhooks)
{
    pthread_mutex_lock(&webhooks->lock);
    forget_messages(webhooks);
    webhooks->by_id = table_new();
    webhook_lanes_init(&webhooks->lanes);
    webhooks->settings = (struct webhook_settings) { 0 };
    seed_random(webhooks, 1);
    replace_text(&webhooks->url, webhooks->first_url);
    replace_text(&webhooks->secret, webhooks->first_secret);
    pthread_mutex_unlock(&webhooks->lock);
}

/* Queues one copy: in the lane of its key, or shuffled in one of its own at a random time. */
static void queue_copy(struct webhooks *webhooks, struct webhook_message *message)
{
    int64_t due_ms = sandbox_clock_monotonic_ms() + webhooks->settings.delay_ms;
    char    key[40];

    if (!webhooks->settings.shuffle) {
        webhook_lanes_add(&webhooks->lanes, message->order_key, message, due_ms);
        return;
    }
    snprintf(key, sizeof key, "shuffled %llu", (unsigned long long) webhooks->shuffled++);
    due_ms += (int64_t) (erand48(webhooks->random) * WEBHOOK_SHUFFLE_MS);
    webhook_lanes_add(&webhooks->lanes, key, message, due_ms);
}

static void queue_copies(struct webhooks *webhooks, struct webhook_message *message)
{
    for (int i = 0; i <= webhooks->settings.duplicates; i++)
        queue_copy(webhooks, message);
    pthread_cond_signal(&webhooks->changed);
}

static void remember(struct webhooks *webhooks, struct webhook_message *message)
{
    list_add(&webhooks->messages, message);
    table_put(webhooks->by_id, message->id, message);
    webhooks->changes++;
}

void webhooks_add(struct webhooks *webhooks, const char *id, const char *type,
                  const char *order_key, char *payload)
{
    struct webhook_message *message = alloc_new(1, sizeof *message);

    *message = (struct webhook_message) {
        .id = alloc_dup(id), .type = alloc_dup(type), .order_key = alloc_dup(order_key),
        .payload = payload, .references = 1,
    };
    sha256_hex(payload, strlen(payload), message->sha256);
    pthread_mutex_lock(&webhooks->lock);
    remember(webhooks, message);
    if (webhooks->settings.delivery == WEBHOOK_DELIVERY_OFF ||
        erand48(webhooks->random) < webhooks->settings.drop_probability)
        message->is_dropped = true;
    else if (webhooks->settings.delivery == WEBHOOK_DELIVERY_HOLD)
        list_add(&webhooks->held, message);
    else
        queue_copies(webhooks, message);
    pthread_mutex_unlock(&webhooks->lock);
}

bool webhooks_is_delivered(struct webhooks *webhooks, const char *id)
{
    const struct webhook_message *message;
    bool                          is_delivered;

    pthread_mutex_lock(&webhooks->lock);
    message = table_find(webhooks->by_id, id);
    is_delivered = message != NULL && message->is_delivered;
    pthread_mutex_unlock(&webhooks->lock);
    return is_delivered;
}

bool webhooks_configure(struct webhooks *webhooks, const json_t *settings, char *why_out,
                        size_t size_bytes)
{
    struct webhook_change change;
    bool                  is_right;

    pthread_mutex_lock(&webhooks->lock);
    is_right = webhook_settings_read(settings, &webhooks->settings, &change, why_out, size_bytes);
    if (is_right) {
        webhooks->settings = change.settings;
        if (change.seed >= 0)
            seed_random(webhooks, change.seed);
        replace_text(&webhooks->url, change.url);
        replace_text(&webhooks->secret, change.secret);
    }
    pthread_mutex_unlock(&webhooks->lock);
    return is_right;
}

size_t webhooks_flush(struct webhooks *webhooks)
{
    size_t count;

    pthread_mutex_lock(&webhooks->lock);
    count = webhooks->held.count;
    for (size_t i = 0; i < count; i++)
        queue_copies(webhooks, webhooks->held.items[i]);
    webhooks->held.count = 0;
    pthread_mutex_unlock(&webhooks->lock);
    return count;
}

bool webhooks_resend(struct webhooks *webhooks, const char *id)
{
    struct webhook_message *message;

    pthread_mutex_lock(&webhooks->lock);
    message = table_find(webhooks->by_id, id);
    if (message != NULL) {
        message->is_dropped = false;
        webhook_lanes_add(&webhooks->lanes, message->order_key, message,
                          sandbox_clock_monotonic_ms());
        pthread_cond_broadcast(&webhooks->changed);
    }
    pthread_mutex_unlock(&webhooks->lock);
    return message != NULL;
}

void webhooks_describe(struct webhooks *webhooks, struct webhook_state *state)
{
    pthread_mutex_lock(&webhooks->lock);
    for (size_t i = 0; i < webhooks->messages.count; i++) {
        const struct webhook_message *message = webhooks->messages.items[i];

        json_array_append_new(state->deliveries,
            json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:b, s:b}",
                "provider", webhooks->dialect->provider,
                "event", message->id, "type", message->type, "order_key", message->order_key,
                "sha256", message->sha256,
                "attempts", message->attempts, "last_status", message->last_status,
                "delivered", message->is_delivered, "dropped", message->is_dropped));
    }
    state->pending += (json_int_t) webhooks->lanes.copies;
    state->held += (json_int_t) webhooks->held.count;
    pthread_mutex_unlock(&webhooks->lock);
}

unsigned long long webhooks_changes(struct webhooks *webhooks)
{
    unsigned long long changes;

    pthread_mutex_lock(&webhooks->lock);
    changes = webhooks->changes;
    pthread_mutex_unlock(&webhooks->lock);
    return changes;
}

json_t *webhooks_write(struct webhooks *webhooks)
{
    json_t *list = json_array();

    pthread_mutex_lock(&webhooks->lock);
    for (size_t i = 0; i < webhooks->messages.count; i++) {
        const struct webhook_message *message = webhooks->messages.items[i];

        json_array_append_new(list, json_pack(
            "{s:s, s:s, s:s, s:s, s:i, s:i, s:b, s:b}",
            "id", message->id, "type", message->type, "order_key", message->order_key,
            "payload", message->payload, "attempts", message->attempts,
            "last_status", message->last_status, "delivered", message->is_delivered,
            "dropped", message->is_dropped));
    }
    pthread_mutex_unlock(&webhooks->lock);
    return list;
}

static bool read_message(struct webhooks *webhooks, json_t *described)
{
    const char             *id, *type, *order_key, *payload;
    int                     attempts, last_status, is_delivered, is_dropped;
    struct webhook_message *message;

    if (json_unpack(described, "{s:s, s:s, s:s, s:s, s:i, s:i, s:b, s:b}", "id", &id,
                    "type", &type, "order_key", &order_key, "payload", &payload,
                    "attempts", &attempts, "last_status", &last_status,
                    "delivered", &is_delivered, "dropped", &is_dropped) != 0)
        return false;
    message = alloc_new(1, sizeof *message);
    *message = (struct webhook_message) {
        .id = alloc_dup(id), .type = alloc_dup(type), .order_key = alloc_dup(order_key),
        .payload = alloc_dup(payload), .references = 1, .attempts = attempts,
        .last_status = last_status, .is_delivered = is_delivered != 0,
        .is_dropped = is_dropped != 0,
    };
    sha256_hex(payload, strlen(payload), message->sha256);
    remember(webhooks, message);
    if (!message->is_delivered && !message->is_dropped && attempts < WEBHOOK_ATTEMPTS_MAX)
        queue_copy(webhooks, message);
    return true;
}

bool webhooks_read(struct webhooks *webhooks, const json_t *messages, struct state_reader *reader)
{
    json_t *described;
    size_t  i;
    bool    is_right = json_is_array(messages);

    pthread_mutex_lock(&webhooks->lock);
    json_array_foreach(messages, i, described)
        is_right = is_right && read_message(webhooks, described);
    pthread_cond_signal(&webhooks->changed);
    pthread_mutex_unlock(&webhooks->lock);
    return is_right || state_refuse(reader, "webhooks: not a list of events");
}

/* Waits until something changes or the first lane is due. */
static void wait_for_work(struct webhooks *webhooks)
{
    const struct heap_item *first = heap_first(&webhooks->lanes.due);
    struct timespec         until;

    if (first == NULL) {
        pthread_cond_wait(&webhooks->changed, &webhooks->lock);
        return;
    }
    until = (struct timespec) { first->at / 1000, first->at % 1000 * 1000000 };
    pthread_cond_timedwait(&webhooks->changed, &webhooks->lock, &until);
}

bool webhooks_take(struct webhooks *webhooks, struct webhook_job *job_out)
{
    struct webhook_lane *lane = NULL;

    pthread_mutex_lock(&webhooks->lock);
    while (!webhooks->is_stopped &&
           (lane = webhook_lanes_take(&webhooks->lanes, sandbox_clock_monotonic_ms())) == NULL)
        wait_for_work(webhooks);
    if (lane != NULL) {
        struct webhook_message *message = lane->first->message;

        *job_out = (struct webhook_job) {
            .lane = lane, .message = message, .attempt = lane->first->attempts + 1,
            .url = alloc_dup(webhooks->url), .secret = alloc_dup(webhooks->secret),
            .id = message->id, .type = message->type, .payload = message->payload,
        };
    }
    pthread_mutex_unlock(&webhooks->lock);
    return lane != NULL;
}

static int64_t backoff_ms(int attempt)
{
    int64_t wait_ms = WEBHOOK_BACKOFF_MS;

    while (--attempt > 0 && wait_ms < WEBHOOK_BACKOFF_MS_MAX)
        wait_ms *= 2;
    return wait_ms;
}

void webhooks_report(struct webhooks *webhooks, struct webhook_job *job, int status)
{
    bool is_success = status >= 200 && status <= webhooks->dialect->received_max;

    pthread_mutex_lock(&webhooks->lock);
    job->message->attempts++;
    webhooks->changes++;
    job->message->last_status = status;
    if (is_success)
        job->message->is_delivered = true;
    if (is_success || job->attempt >= WEBHOOK_ATTEMPTS_MAX)
        webhook_lanes_finish(&webhooks->lanes, job->lane);
    else
        webhook_lanes_retry(&webhooks->lanes, job->lane,
                            sandbox_clock_monotonic_ms() + backoff_ms(job->attempt));
    pthread_cond_signal(&webhooks->changed);
    pthread_mutex_unlock(&webhooks->lock);
    free(job->url);
    free(job->secret);
}

void webhooks_sign(const struct webhooks *webhooks, const struct webhook_job *job,
                   struct strbuf *header_out)
{
    webhooks->dialect->sign(job->secret, job->payload, strlen(job->payload), header_out);
}

void webhooks_stop(struct webhooks *webhooks)
{
    pthread_mutex_lock(&webhooks->lock);
    webhooks->is_stopped = true;
    pthread_cond_broadcast(&webhooks->changed);
    pthread_mutex_unlock(&webhooks->lock);
}
