/* Builds the sandbox, starts its server and threads, and stops them in order. */
#include "sandbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "play.h"
#include "sandbox/control/control.h"
#include "sandbox/control/control_routes.h"
#include "sandbox/http/http_server.h"
#include "sandbox/kit/alloc.h"
#include "sandbox/kit/strbuf.h"
#include "sandbox/paystack/paystack_signature.h"
#include "sandbox/stripe/stripe_signature.h"
#include "sandbox/webhooks/webhook_sender.h"
#include "state_file.h"

#define TICK_MS 200

struct sandbox {
    struct world           world;
    struct http_server    *server;
    struct webhook_sender *stripe_sender, *paystack_sender;
    pthread_t              ticker;
};

static void handle(void *with, struct exchange *exchange)
{
    struct world *world = with;

    if (strncmp(exchange->request.path, "/_sandbox/", 10) == 0)
        control_handle(world, exchange);
    else
        play_exchange(world, exchange);
    if (world->state != NULL && strcmp(exchange->request.method, "GET") != 0)
        state_file_note_change(world->state);
}

/* Does what is due, such as expiring sessions and losing disputes, and saves what has changed. */
static void *tick(void *with)
{
    struct world *world = with;

    while (!sandbox_clock_is_stopped(world->clock)) {
        play_what_is_due(world);
        if (world->state != NULL)
            state_file_save_if_due(world->state);
        sandbox_clock_sleep_ms(world->clock, TICK_MS);
    }
    return NULL;
}

static void free_world(struct world *world)
{
    if (world->state != NULL)
        state_file_close(world->state);
    stripe_free(world->stripe);
    paystack_free(world->paystack);
    webhooks_free(world->stripe_webhooks);
    webhooks_free(world->paystack_webhooks);
    request_log_free(world->log);
    late_free(world->late);
    faults_free(world->faults);
    sandbox_clock_free(world->clock);
}

static void init_world(struct world *world, const struct sandbox_options *options)
{
    world->routes = control_routes;
    world->route_count = control_route_count;
    world->clock = sandbox_clock_new();
    world->faults = faults_new();
    world->late = late_new();
    world->log = request_log_new();
    world->stripe_webhooks = webhooks_new(options->webhook_url, options->webhook_secret,
                                          &stripe_webhook_dialect);
    world->paystack_webhooks =
        webhooks_new(options->paystack_webhook_url, options->paystack_secret_key,
                     &paystack_webhook_dialect);
    world->stripe = stripe_new(options->secret_key,
                               options->public_url == NULL ? "" : options->public_url,
                               world->clock, world->faults, world->stripe_webhooks);
    world->paystack = paystack_new(options->paystack_secret_key,
                                   options->public_url == NULL ? "" : options->public_url,
                                   world->clock, world->faults, world->paystack_webhooks);
}

static bool open_state(struct world *world, const struct sandbox_options *options, char *why_out,
                       size_t size_bytes)
{
    if (options->state_file == NULL)
        return true;
    world->state = state_file_open(options->state_file, world, why_out, size_bytes);
    return world->state != NULL;
}

/* Without a public URL, pages have the address we listen on, which is known only now. */
static void settle_public_url(struct sandbox *sandbox, const struct sandbox_options *options)
{
    struct paystack *paystack = sandbox->world.paystack;
    struct strbuf      url = { 0 };

    if (options->public_url != NULL)
        return;
    strbuf_addf(&url, "http://%s:%u", options->listen_ip, http_server_port(sandbox->server));
    paystack_lock(paystack);
    free(paystack->public_url);
    paystack->public_url = alloc_dup(url.bytes);
    paystack_unlock(paystack);
    stripe_set_public_url(sandbox->world.stripe, url.bytes);
    strbuf_free(&url);
}

struct sandbox *sandbox_start(const struct sandbox_options *options, char *why_out,
                              size_t size_bytes)
{
    struct sandbox *sandbox = alloc_new(1, sizeof *sandbox);

    init_world(&sandbox->world, options);
    if (open_state(&sandbox->world, options, why_out, size_bytes))
        sandbox->server = http_server_start(options->listen_ip, options->listen_port, handle,
                                            &sandbox->world, why_out, size_bytes);
    if (sandbox->server == NULL) {
        free_world(&sandbox->world);
        free(sandbox);
        return NULL;
    }
    settle_public_url(sandbox, options);
    return sandbox;
}

void sandbox_begin(struct sandbox *sandbox)
{
    sandbox->stripe_sender = webhook_sender_start(sandbox->world.stripe_webhooks);
    sandbox->paystack_sender = webhook_sender_start(sandbox->world.paystack_webhooks);
    if (pthread_create(&sandbox->ticker, NULL, tick, &sandbox->world) != 0)
        abort();
}

const char *sandbox_public_url(const struct sandbox *sandbox)
{
    return sandbox->world.stripe->public_url;
}

void sandbox_stop(struct sandbox *sandbox)
{
    sandbox_clock_stop(sandbox->world.clock);
    http_server_stop(sandbox->server);
    webhook_sender_stop(sandbox->stripe_sender);
    webhook_sender_stop(sandbox->paystack_sender);
    pthread_join(sandbox->ticker, NULL);
    free_world(&sandbox->world);
    free(sandbox);
}
