/* A ticket, the address of a hand-over, and a Last-Event-ID: what is read is what was printed. */
#include "fuzz.h"

#include <stdlib.h>

#include "infrastructure/live/frame.h"
#include "infrastructure/live/live_ticket.h"

static const struct payment_id payment = { "pay_01KE0000000000000000000001" };

/* No bytes but those that we print for the claim in them open anything. */
static void read_ticket(struct arena *arena, const char *text)
{
    static const struct config_list keys = {
        .items = { "a key of at least thirty-two bytes." }, .count = 1,
    };
    const struct live_tickets *tickets = live_tickets_new(arena, &keys);
    char printed[LIVE_TICKET_MAX];
    enum live_view view;

    if (!live_ticket_opens(tickets, payment, 0, text, &view))
        return;
    live_ticket_print(tickets, payment, view, atoll(text + 2), printed);
    assert(strcmp(printed, text) == 0);
}

static void read_address(struct arena *arena, const char *text)
{
    struct handover handover;

    if (!handover_parse(text, &handover))
        return;
    assert(strcmp(handover_print(arena, &handover), text) == 0);
}

void fuzz_one(struct arena *arena, struct bytes input)
{
    const char *text = fuzz_line(arena, &input);

    assert(frame_last_id(text) >= 0);
    read_ticket(arena, text);
    read_address(arena, text);
}
