/*
 * payapi-deliver - tells the shop's endpoints of events: its webhooks.
 *
 *     payapi-deliver --config payapi.env
 *
 * One single-threaded process; any number may run, on any number of hosts. On SIGTERM it finishes
 * what is under way, then ends. What it does: infrastructure/webhooks_out/deliver_loop.h.
 */
#include <stdlib.h>

#include "infrastructure/fastcgi/process.h"
#include "infrastructure/notify.h"
#include "infrastructure/webhooks_out/deliver_loop.h"
#include "parts.h"

#define DESCRIPTORS_MORE 64             /* files, the database, name look-ups */

static const char help[] =
    "Usage: payapi-deliver [--config FILE] [--check]\n"
    "Sends each event, signed, to the shop's endpoints that ask for it, until they accept it.\n"
    "\n"
    "  --config FILE  lines of NAME=value; the environment wins\n"
    "  --check        only say whether the configuration is good\n"
    "  -h, --help     this text\n"
    "  --version\n"
    "\n"
    "Exit status: 64 for a wrong command line, 78 for a wrong setting. See payapi-deliver(8).\n";

static struct sender *new_sender(const struct parts *parts)
{
    const struct config *config = &parts->config;

    return sender_new(inner_networks_new(parts->arena, config->webhook_allow_nets),
                      webhook_secrets_new(parts->arena, config->webhook_signing_secret));
}

int main(int argc, char **argv)
{
    static struct parts parts = { .program = "payapi-deliver",
                                  .descriptors = SENDER_IN_FLIGHT_MAX + DESCRIPTORS_MORE };
    struct parts_options options;
    struct deliver deliver;
    int status;

    process_harden();
    options = parts_read_options(parts.program, help, argc, argv);
    parts_load_reader(&parts, options.config_file, CONFIG_DELIVER, "deliver");
    if (options.check)
        return 0;
    deliver = (struct deliver) { .store = parts_new_store(&parts, "payapi-deliver"),
                                 .sender = new_sender(&parts) };
    notify_open();
    parts_confine(&parts);
    status = deliver_loop(&deliver);
    sender_free(deliver.sender);
    store_free(deliver.store);
    return status;
}
