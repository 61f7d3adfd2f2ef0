/*
 * Signs what stands on stdin as payapi signs it, for verifiers that others wrote.
 *
 * sign_webhook MASTER ENDPOINT_ID GENERATION EVENT_ID TIMESTAMP_S <BODY: the secret, the signature.
 */
#include <stdio.h>
#include <stdlib.h>

#include "infrastructure/webhooks_out/webhook_secrets.h"

static struct bytes read_all(struct arena *arena)
{
    struct text text = text_new(arena);
    char part[4096];
    size_t size;

    while ((size = fread(part, 1, sizeof(part), stdin)) > 0)
        text_append_bytes(&text, (struct bytes) { part, size });
    return text_bytes(&text);
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct webhook_endpoint_id endpoint;
    const struct webhook_secrets *secrets;
    int generation;

    if (argc != 6 || !webhook_endpoint_id_parse(argv[2], &endpoint))
        return EXIT_FAILURE;
    secrets = webhook_secrets_new(arena, argv[1]);
    generation = atoi(argv[3]);
    puts(webhook_secret_print(secrets, arena, endpoint, generation));
    puts(webhook_signatures(secrets, arena, endpoint, generation, generation, argv[4], atoll(argv[5]),
                            read_all(arena)));
    arena_free(arena);
    return EXIT_SUCCESS;
}
