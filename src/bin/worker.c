/*
 * payapi-worker - a pool of FastCGI workers behind nginx.
 *
 *     spawn-fcgi -n -s fast.sock -- payapi-worker --pool fast --workers 8 --config payapi.env
 *
 * fd 0 is the listening socket. Signals and the life of the workers: fastcgi/master.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "application/inbox/rejections.h"
#include "base/command_line.h"
#include "infrastructure/api/http/api.h"
#include "infrastructure/fastcgi/master.h"
#include "infrastructure/fastcgi/process.h"
#include "infrastructure/fastcgi/worker_loop.h"
#include "infrastructure/shared_memory.h"
#include "parts.h"

#define RECYCLE_DEFAULT        100000
#define RECYCLE_MAX            100000000
#define RECYCLE_MEMORY_DEFAULT 256      /* MiB; a worker has about ten */
#define RECYCLE_MEMORY_MAX     65536
#define HANG_LIMIT_MS          180000   /* two provider calls at their longest, and some margin */

struct options {
    enum pool   pool;
    int         workers;
    int         recycle_after;
    int         recycle_memory;         /* MiB */
    const char *config_file;
    bool        check;
};

/* Everything that lives as long as the process. */
struct program {
    struct options     options;
    struct parts       parts;
    struct token_rules token_rules;
    struct rejections *rejections;      /* shared by all workers */
};

static const char help[] =
    "Usage: payapi-worker --pool fast|provider [--workers N] [--config FILE]\n"
    "                     [--recycle N] [--recycle-memory MIB] [--check]\n"
    "Serves the listening socket on its standard input; start it with spawn-fcgi -n.\n"
    "\n"
    "  --pool fast|provider  which routes: those that never wait for a provider, or those that"
    " may\n"
    "  --workers N           processes, 1 to 512 (default 4)\n"
    "  --config FILE         lines of NAME=value; the environment wins\n"
    "  --recycle N           a worker is replaced after about N requests (default 100000)\n"
    "  --recycle-memory MIB  ... or when it has more private memory than that (default 256)\n"
    "  --check               only say whether configuration and database are good\n"
    "  -h, --help            this text\n"
    "  --version\n"
    "\n"
    "Exit status: 64 for a wrong command line, 78 for a wrong setting. See payapi-worker(8).\n";

static void die(int status, const char *reason)
{
    parts_die("payapi-worker", status, reason);
}

/* --- The command line ---------------------------------------------------------------------- */

static const struct option known[] = {
    { "pool", required_argument, NULL, 'p' },
    { "workers", required_argument, NULL, 'w' },
    { "config", required_argument, NULL, 'c' },
    { "recycle", required_argument, NULL, 'r' },
    { "recycle-memory", required_argument, NULL, 'm' },
    { "check", no_argument, NULL, 'k' },
    { NULL, 0, NULL, 0 },
};

static const struct command_line command_line = {
    .program = "payapi-worker", .help = help, .options = known,
};

static int read_count(const char *name, const char *text, int max)
{
    char *end;
    long count = strtol(text, &end, 10);

    if (*end != '\0' || count < 1 || count > max)
        command_line_misused(&command_line, "%s must be a whole number from 1 to %d, not '%s'",
                             name, max, text);
    return (int) count;
}

static enum pool read_pool(const char *name)
{
    enum pool pool;

    if (!pool_parse(name, &pool))
        command_line_misused(&command_line, "--pool must be fast or provider, not '%s'", name);
    return pool;
}

static void read_option(struct options *options, int option, const char *value)
{
    switch (option) {
    case 'p':
        options->pool = read_pool(value);
        break;
    case 'w':
        options->workers = read_count("--workers", value, MASTER_WORKERS_MAX);
        break;
    case 'r':
        options->recycle_after = read_count("--recycle", value, RECYCLE_MAX);
        break;
    case 'm':
        options->recycle_memory = read_count("--recycle-memory", value, RECYCLE_MEMORY_MAX);
        break;
    case 'c':
        options->config_file = value;
        break;
    case 'k':
        options->check = true;
        break;
    }
}

static struct options read_options(int argc, char **argv)
{
    struct options options = { .workers = 4, .recycle_after = RECYCLE_DEFAULT,
                               .recycle_memory = RECYCLE_MEMORY_DEFAULT };
    bool pool_given = false;
    int option;

    while ((option = command_line_next(&command_line, argc, argv)) != -1) {
        read_option(&options, option, optarg);
        pool_given |= option == 'p';
    }
    command_line_end(&command_line, argc, argv);
    if (!pool_given)
        command_line_misused(&command_line, "--pool fast or --pool provider is missing");
    return options;
}

/* --- The parts ----------------------------------------------------------------------------- */

/* Keys are read before the workers are forked, which share them; a reload reads them again. */
static void load_token_rules(struct program *program)
{
    const struct config *config = &program->parts.config;
    struct config_report report;

    if (!token_key_load(program->parts.arena, config, &program->token_rules.key, &report))
        die(CONFIG_EXIT_STATUS, report.error);
    program->token_rules.issuer = config->jwt_issuer;
    program->token_rules.audience = config->jwt_audience;
    program->token_rules.lifetime_max_s = config->jwt_max_lifetime_s;
    program->token_rules.memory = token_memory_new(program->parts.arena);
}

static struct store *make_store(const struct program *program)
{
    const struct parts *parts = &program->parts;
    struct store *store = parts_new_store(parts, arena_printf(parts->arena, "payapi-worker %s",
                                                              pool_name(program->options.pool)));

    store_plan_once(store);
    return store;
}

static struct api make_api(const struct program *program)
{
    const struct parts *parts = &program->parts;

    return (struct api) {
        .pool = program->options.pool,
        .token_rules = program->token_rules,
        .api_key_memory = api_key_memory_new(parts->arena),
        .queue_limit_ms = parts->config.request_queue_limit_ms,
        .store = make_store(program),
        .providers = parts->providers,
        .settings = &parts->settings,
        .rejections = program->rejections,
    };
}

static int run_worker(const struct program *program, struct worker_status *status)
{
    const struct api api = make_api(program);
    const struct worker_life life = {
        .pool_size = program->options.workers,
        .room_told = program->parts.room_told,
        .recycle_after = program->options.recycle_after,
        .memory_max_bytes = (int64_t) program->options.recycle_memory << 20,
        .memory = process_open_memory(),
        .status = status,
    };
    int exit_status;

    parts_confine(&program->parts);
    exit_status = worker_loop(&api, &life);
    store_free(api.store);
    return exit_status;
}

/* What a reload must check before it replaces working workers. */
static int run_check(const struct program *program)
{
    static const int status_of[] = { [DATABASE_FITS] = 0, [DATABASE_AWAY] = EX_UNAVAILABLE,
                                     [DATABASE_FOREIGN] = CONFIG_EXIT_STATUS };
    const struct api api = make_api(program);
    enum worker_database database = worker_check_database(&api);
    bool has_room = database != DATABASE_FITS
        || worker_has_room(&api, program->options.workers, LOG_LEVEL_ERROR);

    store_free(api.store);
    return has_room ? status_of[database] : EX_UNAVAILABLE;
}

int main(int argc, char **argv)
{
    static struct program program = { .parts = { .program = "payapi-worker" } };
    struct master_settings master = { .argv = argv, .hang_limit_ms = HANG_LIMIT_MS };
    struct worker_status *status;
    char *title;

    process_harden();
    program.options = read_options(argc, argv);
    parts_load(&program.parts, program.options.config_file,
               program.options.pool == POOL_FAST ? CONFIG_FAST : CONFIG_PROVIDER, "worker");
    load_token_rules(&program);
    program.rejections = shared_memory_new(sizeof(*program.rejections));
    if (program.options.check)
        return run_check(&program);
    if (!process_has_listener())
        die(CONFIG_EXIT_STATUS,
            "standard input is not a listening socket: start this program with spawn-fcgi -n");
    title = arena_printf(program.parts.arena, "payapi-%s", pool_name(program.options.pool));
    master.workers = program.options.workers;
    master.pool = pool_name(program.options.pool);
    master.title = title;
    master.program = process_path(program.parts.arena, argv[0]);
    status = master_run(&master);
    return status != NULL ? run_worker(&program, status) : 0;
}
