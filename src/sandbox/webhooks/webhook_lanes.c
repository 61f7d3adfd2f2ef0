/* Queues of messages, one per order key, in a heap by the time they are due. */
#include "webhook_lanes.h"

#include <stdlib.h>

#include "sandbox/kit/alloc.h"

void webhook_message_release(struct webhook_message *message)
{
    if (--message->references > 0)
        return;
    free(message->id);
    free(message->type);
    free(message->order_key);
    free(message->payload);
    free(message);
}

void webhook_lanes_init(struct webhook_lanes *lanes)
{
    *lanes = (struct webhook_lanes) { .by_key = table_new() };
}

static void drop_first(struct webhook_lane *lane)
{
    struct webhook_copy *copy = lane->first;

    lane->first = copy->next;
    if (lane->first == NULL)
        lane->last = NULL;
    webhook_message_release(copy->message);
    free(copy);
}

static void free_lane(struct webhook_lane *lane)
{
    while (lane->first != NULL)
        drop_first(lane);
    free(lane->key);
    free(lane);
}

/* A sender still holds the first copy of a busy lane. */
static void forget_lane(void *value)
{
    struct webhook_lane *lane = value;

    if (lane->is_busy)
        lane->is_orphan = true;
    else
        free_lane(lane);
}

void webhook_lanes_deinit(struct webhook_lanes *lanes)
{
    table_free(lanes->by_key, forget_lane);
    heap_clear(&lanes->due);
    *lanes = (struct webhook_lanes) { 0 };
}

static struct webhook_lane *lane_of(struct webhook_lanes *lanes, const char *key)
{
    struct webhook_lane *lane = table_find(lanes->by_key, key);

    if (lane == NULL) {
        lane = alloc_new(1, sizeof *lane);
        lane->key = alloc_dup(key);
        table_put(lanes->by_key, key, lane);
    }
    return lane;
}

void webhook_lanes_add(struct webhook_lanes *lanes, const char *key,
                       struct webhook_message *message, int64_t due_ms)
{
    struct webhook_lane *lane = lane_of(lanes, key);
    struct webhook_copy *copy = alloc_new(1, sizeof *copy);

    *copy = (struct webhook_copy) { .message = message, .due_ms = due_ms };
    message->references++;
    lanes->copies++;
    if (lane->last != NULL) {
        lane->last->next = copy;
    } else {
        lane->first = copy;
        heap_push(&lanes->due, due_ms, lane);
    }
    lane->last = copy;
}

struct webhook_lane *webhook_lanes_take(struct webhook_lanes *lanes, int64_t now_ms)
{
    const struct heap_item *item = heap_first(&lanes->due);
    struct webhook_lane    *lane;

    if (item == NULL || item->at > now_ms)
        return NULL;
    lane = heap_pop(&lanes->due);
    lane->is_busy = true;
    return lane;
}

void webhook_lanes_finish(struct webhook_lanes *lanes, struct webhook_lane *lane)
{
    lane->is_busy = false;
    if (lane->is_orphan) {
        free_lane(lane);
        return;
    }
    drop_first(lane);
    lanes->copies--;
    if (lane->first != NULL) {
        heap_push(&lanes->due, lane->first->due_ms, lane);
        return;
    }
    table_remove(lanes->by_key, lane->key);
    free_lane(lane);
}

void webhook_lanes_retry(struct webhook_lanes *lanes, struct webhook_lane *lane, int64_t due_ms)
{
    if (lane->is_orphan) {
        lane->is_busy = false;
        free_lane(lane);
        return;
    }
    lane->is_busy = false;
    lane->first->attempts++;
    heap_push(&lanes->due, due_ms, lane);
}
