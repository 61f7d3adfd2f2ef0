/*
 * sandbox.h - the whole sandbox, from start to stop.
 */
#ifndef PAYAPI_SANDBOX_SANDBOX_H
#define PAYAPI_SANDBOX_SANDBOX_H

#include <stddef.h>
#include <stdint.h>

struct sandbox_options {
    const char *listen_ip;
    uint16_t    listen_port;    /* 0: any free one */
    const char *public_url;     /* NULL: http://ip:port */
    const char *webhook_url;            /* this and the next two: Stripe's */
    const char *webhook_secret;
    const char *secret_key;
    const char *paystack_webhook_url;
    const char *paystack_secret_key;    /* signs its webhooks too; "": Paystack refuses all calls */
    const char *state_file;             /* NULL: the state is lost with the process */
};

struct sandbox;

/* NULL with a reason in why_out[size_bytes]: it cannot listen there, or the state is broken. */
struct sandbox *sandbox_start(const struct sandbox_options *options, char *why_out,
                              size_t size_bytes);

/* Starts delivering events and doing what is due. Call it once. */
void sandbox_begin(struct sandbox *sandbox);

const char *sandbox_public_url(const struct sandbox *sandbox);

/* Ends requests and deliveries under way, and frees everything. */
void sandbox_stop(struct sandbox *sandbox);

#endif
