/*
 * stream.h - an answer too long for memory: written block by block while it is read.
 *
 * One process has two kinds of streams, the lists in two formats, and two kinds of sinks, the
 * client and a file: hence the function pointers.
 */
#ifndef PAYAPI_APPLICATION_STREAM_H
#define PAYAPI_APPLICATION_STREAM_H

#include "application/ctx.h"

struct sink {
    /* False: the reader is gone. */
    bool (*put)(struct sink *sink, struct bytes block);
    void *target;
};

struct answer_stream {
    const char *content_type;
    const char *file_name;              /* what a browser saves it as */
    /*
     * Writes the whole body. A problem cuts it off, so that the client sees that it is incomplete.
     */
    const struct problem *(*write)(struct ctx *ctx, const struct answer_stream *stream,
                                   struct sink *sink);
    const void *work;                   /* what to write; in the arena */
};

#endif
