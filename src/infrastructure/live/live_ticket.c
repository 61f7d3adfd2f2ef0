/* Opens the stream of one payment without a token, for a short time. */
#include "live_ticket.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#include "infrastructure/hkdf.h"
#include "infrastructure/hmac.h"

#define KEY_LABEL  "payapi live ticket 1"
#define TEXT_MAX   128
#define EXPIRY_DIGITS_MAX 12

struct live_tickets {
    int           count;
    unsigned char keys[CONFIG_LIST_MAX][HKDF_KEY_BYTES];
};

/* --- Keys ---------------------------------------------------------------------------------- */

const struct live_tickets *live_tickets_new(struct arena *arena, const struct config_list *keys)
{
    struct live_tickets *tickets = arena_alloc(arena, sizeof(*tickets));

    assert(keys->count > 0);
    tickets->count = keys->count;
    for (int i = 0; i < keys->count; i++)
        hkdf(bytes_of(keys->items[i]), KEY_LABEL, tickets->keys[i]);
    return tickets;
}

/* --- Tickets ------------------------------------------------------------------------------- */

static char letter_of(enum live_view view)
{
    return live_view_name(view)[0];
}

static void print_with(const struct live_tickets *tickets, int key, struct payment_id payment_id,
                       enum live_view view, int64_t expires_s,
                       char ticket_out[static LIVE_TICKET_MAX])
{
    const struct bytes secret = { (const char *) tickets->keys[key], HKDF_KEY_BYTES };
    char text[TEXT_MAX];
    int size;

    snprintf(text, sizeof(text), "payapi-ticket-1|%s|%c|%" PRId64, payment_id.text,
             letter_of(view), expires_s);
    size = snprintf(ticket_out, LIVE_TICKET_MAX, "%c.%" PRId64 ".", letter_of(view), expires_s);
    hmac_print(HASH_SHA256, secret, bytes_of(text), ticket_out + size);
}

void live_ticket_print(const struct live_tickets *tickets, struct payment_id payment_id,
                       enum live_view view, int64_t expires_s,
                       char ticket_out[static LIVE_TICKET_MAX])
{
    print_with(tickets, 0, payment_id, view, expires_s, ticket_out);
}

/* The beginning of a ticket, which says what its end must be. */
static bool read_claim(const char *ticket, enum live_view *view_out, int64_t *expires_s_out)
{
    size_t digits;

    if ((ticket[0] != 'p' && ticket[0] != 'o') || ticket[1] != '.')
        return false;
    digits = strspn(ticket + 2, "0123456789");
    if (digits == 0 || digits > EXPIRY_DIGITS_MAX || ticket[2 + digits] != '.')
        return false;
    *view_out = ticket[0] == 'p' ? LIVE_PAYMENT : LIVE_OUTCOME;
    *expires_s_out = strtoll(ticket + 2, NULL, 10);
    return true;
}

static bool is_ours(const struct live_tickets *tickets, struct payment_id payment_id,
                    enum live_view view, int64_t expires_s, const char *ticket)
{
    char expected[LIVE_TICKET_MAX];
    bool found = false;

    for (int key = 0; key < tickets->count && !found; key++) {
        print_with(tickets, key, payment_id, view, expires_s, expected);
        found = strlen(ticket) == strlen(expected)
                && CRYPTO_memcmp(ticket, expected, strlen(expected)) == 0;
    }
    OPENSSL_cleanse(expected, sizeof(expected));
    return found;
}

bool live_ticket_opens(const struct live_tickets *tickets, struct payment_id payment_id,
                       int64_t now_s, const char *ticket, enum live_view *view_out)
{
    enum live_view view;
    int64_t expires_s;

    if (!read_claim(ticket, &view, &expires_s)
        || !is_ours(tickets, payment_id, view, expires_s, ticket))
        return false;
    if (now_s >= expires_s)
        return false;
    *view_out = view;
    return true;
}
