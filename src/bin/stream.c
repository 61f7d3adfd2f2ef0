/*
 * payapi-stream - holds the clients who follow a payment, so that no worker has to.
 *
 *     spawn-fcgi -n -s stream.sock -- payapi-stream --config payapi.env
 *
 * One single-threaded process; its standard input is the listening socket. What it does:
 * infrastructure/live/live_loop.h.
 */
#include <stdlib.h>
#include <unistd.h>

#include "infrastructure/fastcgi/process.h"
#include "infrastructure/live/live_loop.h"
#include "infrastructure/notify.h"
#include "parts.h"

static const char help[] =
    "Usage: payapi-stream [--config FILE] [--check]\n"
    "Tells clients of GET /api/v1/payments/{id}/events what happens to their payment. nginx hands\n"
    "them over on the socket that is standard input.\n"
    "\n"
    "  --config FILE  lines of NAME=value; the environment wins\n"
    "  --check        only say whether the configuration is good\n"
    "  -h, --help     this text\n"
    "  --version\n"
    "\n"
    "Exit status: 64 for a wrong command line, 78 for a wrong setting. See payapi-stream(8).\n";

static struct live_limits limits_of(const struct config *config)
{
    return (struct live_limits) {
        .viewers_max = config->streams_max,
        .per_caller_max = config->streams_per_caller,
        .lifetime_ms = config->stream_lifetime_s * INT64_C(1000),
        .linger_ms = config->stream_linger_s * INT64_C(1000),
        .comment_ms = config->stream_comment_s * INT64_C(1000),
    };
}

static struct live start(const struct parts *parts)
{
    struct live live = { .store = parts_new_store(parts, "payapi-stream"),
                         .viewers = viewers_new(limits_of(&parts->config)) };

    live.server = live_server_start(STDIN_FILENO, live.viewers);
    if (live.server == NULL)
        parts_die(parts->program, EXIT_FAILURE, "the server does not start");
    store_plan_once(live.store);
    return live;
}

int main(int argc, char **argv)
{
    static struct parts parts = { .program = "payapi-stream" };
    struct parts_options options;
    struct live live;
    int status;

    process_harden();
    options = parts_read_options(parts.program, help, argc, argv);
    parts_load_reader(&parts, options.config_file, CONFIG_STREAM, "stream");
    if (options.check)
        return 0;
    if (!process_has_listener())
        parts_die(parts.program, CONFIG_EXIT_STATUS,
                  "standard input is not a listening socket: start this program with"
                  " spawn-fcgi -n");
    parts.descriptors = parts.config.streams_max + LIVE_DESCRIPTORS_MORE;
    live = start(&parts);
    notify_open();
    parts_confine(&parts);
    status = live_loop(&live);
    live_server_stop(live.server);
    viewers_free(live.viewers);
    store_free(live.store);
    return status;
}
