/*
 * payapi-jobs - finishes what crashes, time-outs and lost answers left open.
 *
 *     payapi-jobs --config payapi.env
 *
 * One single-threaded process; any number may run, on any number of hosts. On SIGTERM it finishes
 * the piece of work under way, then ends. What it does: infrastructure/jobs/jobs_loop.h.
 */
#include "infrastructure/fastcgi/process.h"
#include "infrastructure/jobs/jobs_loop.h"
#include "infrastructure/notify.h"
#include "parts.h"

static const char help[] =
    "Usage: payapi-jobs [--config FILE] [--check]\n"
    "Asks providers again for outcomes that are not known, closes checkouts that have expired,\n"
    "and applies webhooks that could not be applied when they came.\n"
    "\n"
    "  --config FILE  lines of NAME=value; the environment wins\n"
    "  --check        only say whether the configuration is good\n"
    "  -h, --help     this text\n"
    "  --version\n"
    "\n"
    "Exit status: 64 for a wrong command line, 78 for a wrong setting. See payapi-jobs(8).\n";

int main(int argc, char **argv)
{
    static struct parts parts = { .program = "payapi-jobs", .keeps_record = true };
    struct parts_options options;
    struct jobs jobs;
    int status;

    process_harden();
    options = parts_read_options(parts.program, help, argc, argv);
    parts_load(&parts, options.config_file, CONFIG_JOBS, "jobs");
    if (options.check)
        return 0;
    jobs = (struct jobs) { .store = parts_new_store(&parts, "payapi-jobs"),
                           .providers = parts.providers, .settings = &parts.settings };
    notify_open();
    parts_confine(&parts);
    status = jobs_loop(&jobs);
    store_free(jobs.store);
    return status;
}
