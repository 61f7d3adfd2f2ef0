/* How a worker hands a client whom it let in to payapi-stream. */
#include "handover.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "frame.h"

#define ADDRESS_MAX 160
#define PREFIX      "/stream/"

const char *live_view_name(enum live_view view)
{
    switch (view) {
    case LIVE_PAYMENT: return "payment";
    case LIVE_OUTCOME: return "outcome";
    }
    return "";
}

static bool parse_view(const char *name, enum live_view *view_out)
{
    for (enum live_view view = LIVE_PAYMENT; view <= LIVE_OUTCOME; view++)
        if (strcmp(name, live_view_name(view)) == 0) {
            *view_out = view;
            return true;
        }
    return false;
}

void handover_name_caller(struct handover *handover, const char *kind, const char *name)
{
    const struct bytes parts[] = { bytes_of(kind), bytes_of(":"), bytes_of(name) };
    struct digest digest = digest_of(parts, 3);

    for (int i = 0; i < HANDOVER_CALLER_DIGITS / 2; i++)
        snprintf(handover->caller + 2 * i, 3, "%02x", digest.bytes[i]);
}

const char *handover_print(struct arena *arena, const struct handover *handover)
{
    return arena_printf(arena, PREFIX "%s/%s/%" PRId64 "/%s", live_view_name(handover->view),
                        handover->payment_id.text, handover->after, handover->caller);
}

static bool parse_after(const char *text, int64_t *after_out)
{
    *after_out = frame_last_id(text);
    return *after_out > 0 || strcmp(text, "0") == 0;
}

static bool parse_caller(const char *text, char caller_out[static HANDOVER_CALLER_DIGITS + 1])
{
    if (strlen(text) != HANDOVER_CALLER_DIGITS
        || strspn(text, "0123456789abcdef") != HANDOVER_CALLER_DIGITS)
        return false;
    memcpy(caller_out, text, HANDOVER_CALLER_DIGITS + 1);
    return true;
}

bool handover_parse(const char *address, struct handover *handover_out)
{
    char copy[ADDRESS_MAX], *rest = copy + strlen(PREFIX), *view, *payment, *after;
    struct handover handover;

    if (strncmp(address, PREFIX, strlen(PREFIX)) != 0 || strlen(address) >= sizeof(copy))
        return false;
    memcpy(copy, address, strlen(address) + 1);
    view = strsep(&rest, "/");
    payment = strsep(&rest, "/");
    after = strsep(&rest, "/");
    if (rest == NULL || !parse_view(view, &handover.view)
        || !payment_id_parse(payment, &handover.payment_id)
        || !parse_after(after, &handover.after) || !parse_caller(rest, handover.caller))
        return false;
    *handover_out = handover;
    return true;
}
