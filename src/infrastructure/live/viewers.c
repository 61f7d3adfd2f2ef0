/* The clients of payapi-stream: how many there may be, and what each is due. */
#include "viewers.h"

#include <stdlib.h>

#include "frame.h"

static void *allocate(size_t count, size_t size)
{
    void *place = calloc(count, size);

    if (place == NULL)
        abort();                        /* out of memory */
    return place;
}

struct viewers *viewers_new(struct live_limits limits)
{
    struct viewers *viewers = allocate(1, sizeof(*viewers));

    viewers->limits = limits;
    viewers->all = allocate((size_t) limits.viewers_max, sizeof(*viewers->all));
    return viewers;
}

void viewers_free(struct viewers *viewers)
{
    for (int i = 0; i < viewers->limits.viewers_max; i++)
        free(viewers->all[i].waiting);
    free(viewers->all);
    free(viewers);
}

/* --- Coming and going ---------------------------------------------------------------------- */

static int count_of_caller(const struct viewers *viewers, const char *caller)
{
    int count = 0;

    for (int i = 0; i < viewers->limits.viewers_max; i++)
        if (viewers->all[i].is_used && strcmp(viewers->all[i].asked.caller, caller) == 0)
            count++;
    return count;
}

static struct viewer *find_place(const struct viewers *viewers)
{
    for (int i = 0; i < viewers->limits.viewers_max; i++)
        if (!viewers->all[i].is_used)
            return &viewers->all[i];
    return NULL;
}

struct viewer *viewers_admit(struct viewers *viewers, const struct handover *asked, int64_t now_ms)
{
    struct viewer *viewer = find_place(viewers);

    if (viewer == NULL
        || count_of_caller(viewers, asked->caller) >= viewers->limits.per_caller_max) {
        viewers->refused++;
        return NULL;
    }
    *viewer = (struct viewer) { .is_used = true, .asked = *asked, .began_ms = now_ms };
    viewers->count++;
    viewers->has_newcomer = true;
    return viewer;
}

void viewers_leave(struct viewers *viewers, struct viewer *viewer)
{
    free(viewer->waiting);
    *viewer = (struct viewer) { .is_used = false };
    viewers->count--;
}

/* --- What it is told ----------------------------------------------------------------------- */

void viewer_say(struct viewer *viewer, struct bytes frame, int64_t now_ms)
{
    char *waiting = realloc(viewer->waiting, viewer->waiting_size + frame.size);

    if (waiting == NULL)
        abort();                        /* out of memory */
    memcpy(waiting + viewer->waiting_size, frame.data, frame.size);
    viewer->waiting = waiting;
    viewer->waiting_size += frame.size;
    viewer->spoke_ms = now_ms;
}

void viewer_open(struct viewer *viewer, int64_t now_ms)
{
    viewer_say(viewer, bytes_of(FRAME_OPENING), now_ms);
}

bool viewer_is_idle(const struct viewer *viewer)
{
    return viewer->waiting == NULL;
}

size_t viewer_take(struct viewer *viewer, char *buffer_out, size_t room)
{
    size_t left = viewer->waiting_size - viewer->sent_size;
    size_t size = left < room ? left : room;

    if (size > 0)
        memcpy(buffer_out, viewer->waiting + viewer->sent_size, size);
    viewer->sent_size += size;
    if (size == left) {
        free(viewer->waiting);
        viewer->waiting = NULL;
        viewer->waiting_size = 0;
        viewer->sent_size = 0;
    }
    return size;
}

void viewer_pace(struct viewer *viewer, const struct live_limits *limits, int64_t now_ms)
{
    if (now_ms - viewer->began_ms >= limits->lifetime_ms)
        viewer->is_ending = true;
    if (viewer->final_ms != 0 && now_ms - viewer->final_ms >= limits->linger_ms)
        viewer->is_ending = true;
    if (viewer_is_idle(viewer) && now_ms - viewer->spoke_ms >= limits->comment_ms)
        viewer_say(viewer, bytes_of(FRAME_COMMENT), now_ms);
}
