/*
 * viewers.h - the clients of payapi-stream: how many there may be, and what each is due.
 *
 * Knows neither the server nor the database. Times are milliseconds of the monotonic clock.
 */
#ifndef PAYAPI_INFRASTRUCTURE_LIVE_VIEWERS_H
#define PAYAPI_INFRASTRUCTURE_LIVE_VIEWERS_H

#include "handover.h"

struct live_limits {
    int     viewers_max;        /* at a time, of all callers */
    int     per_caller_max;     /* at a time, of one */
    int64_t lifetime_ms;        /* then the client must come back */
    int64_t linger_ms;          /* the same, once the payment is paid or closed */
    int64_t comment_ms;         /* silence that long is broken by a comment */
};

struct viewer {
    bool             is_used;
    bool             has_state; /* it was told the state once, or has it from an earlier stream */
    bool             is_ending; /* what is waiting is sent, then the stream ends */
    bool             is_asleep; /* its connection is suspended: the server's (live_server.c) */
    bool             is_gone;   /* the client hung up: the server's, too */
    struct handover  asked;     /* asked.after: the last event that was sent */
    struct order_id  order_id;  /* of the payment when it was first shown; "": not yet */
    int64_t          began_ms;
    int64_t          spoke_ms;  /* when something was last sent */
    int64_t          final_ms;  /* since when the payment is paid or closed; 0: it is not */
    char            *waiting;   /* to be sent; NULL: nothing */
    size_t           waiting_size;
    size_t           sent_size; /* of waiting */
    void            *connection;        /* the server's */
};

struct viewers {
    struct viewer     *all;     /* limits.viewers_max places */
    int                count;   /* of those in use */
    bool               has_newcomer;    /* since the reader of this last put it to false */
    int64_t            refused; /* since the start */
    struct live_limits limits;
};

struct viewers *viewers_new(struct live_limits limits);
void            viewers_free(struct viewers *viewers);

/* A place, to be opened; NULL: the caller or all have too many. */
struct viewer *viewers_admit(struct viewers *viewers, const struct handover *asked, int64_t now_ms);
void           viewers_leave(struct viewers *viewers, struct viewer *viewer);

/* Adds how long to wait before coming back, which comes before everything else. */
void viewer_open(struct viewer *viewer, int64_t now_ms);
/* Adds to what is to be sent. */
void viewer_say(struct viewer *viewer, struct bytes frame, int64_t now_ms);
/* True when all was sent, so that it may be told more. */
bool viewer_is_idle(const struct viewer *viewer);
/* Moves at most room bytes to buffer_out; returns how many. */
size_t viewer_take(struct viewer *viewer, char *buffer_out, size_t room);
/* A comment when it was silent for long; the end when its time is up. */
void viewer_pace(struct viewer *viewer, const struct live_limits *limits, int64_t now_ms);

#endif
