/*
 * live_ticket.h - opens the stream of one payment without a token, for a short time. EventSource in
 * a browser cannot send a token, and a payer has none.
 *
 * <view letter>.<expiry, Unix seconds>.<64 hex digits>: HMAC-SHA256 (RFC 2104) over
 * payapi-ticket-1|<payment id>|<view letter>|<expiry>. p shows the payment, o only its outcome. The
 * key is derived from AUTHORSHIP_KEY by HKDF-SHA256 (RFC 5869), so neither can stand in for the
 * other. A ticket reads; it changes nothing.
 */
#ifndef PAYAPI_INFRASTRUCTURE_LIVE_LIVE_TICKET_H
#define PAYAPI_INFRASTRUCTURE_LIVE_LIVE_TICKET_H

#include "handover.h"
#include "infrastructure/config.h"

#define LIVE_TICKET_LIFE_S 900
#define LIVE_TICKET_MAX    96

struct live_tickets;

/* Derives a key from each of them; the first makes tickets, each checks. Lives in the arena. */
const struct live_tickets *live_tickets_new(struct arena *arena, const struct config_list *keys);

/* expires_s: Unix seconds. */
void live_ticket_print(const struct live_tickets *tickets, struct payment_id payment_id,
                       enum live_view view, int64_t expires_s,
                       char ticket_out[static LIVE_TICKET_MAX]);
/* True when we made the ticket for this payment, and now_s (Unix) is before its expiry. */
MUST_CHECK bool live_ticket_opens(const struct live_tickets *tickets, struct payment_id payment_id,
                                  int64_t now_s, const char *ticket, enum live_view *view_out);

#endif
