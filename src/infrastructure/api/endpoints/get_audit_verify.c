/* GET /api/v1/audit/verify: checks the audit log part by part; a cursor leads to the next part. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "application/queries.h"
#include "infrastructure/api/endpoints/endpoints.h"
#include "infrastructure/api/input/list_params.h"
#include "infrastructure/api/output/answer_json.h"
#include "infrastructure/api/output/audit_json.h"
#include "infrastructure/clock.h"

#define PART_MS 1500            /* one answer may take this long, and a batch more */

static bool time_is_up(const void *clock)
{
    return clock_monotonic_ms() >= *(const int64_t *) clock;
}

/* --- Where to go on: "p.pay_..." behind that payment, "c.12" behind that checkpoint --------- */

/* "": it is through. */
static const char *cursor_of(struct arena *arena, const struct audit_walk *walk)
{
    if (walk->done)
        return "";
    return list_cursor_print_of(arena, "avf", walk->chains_done
        ? arena_printf(arena, "c.%" PRId64, walk->checkpoint)
        : arena_printf(arena, "p.%s", walk->payment_id.text));
}

static bool parse_place(const char *text, struct audit_walk *walk_out)
{
    size_t digits;

    if (strncmp(text, "p.", 2) == 0)
        return payment_id_parse(text + 2, &walk_out->payment_id);
    if (strncmp(text, "c.", 2) != 0)
        return false;
    digits = strspn(text + 2, "0123456789");
    walk_out->chains_done = true;
    errno = 0;
    walk_out->checkpoint = strtoll(text + 2, NULL, 10);
    return digits > 0 && text[2 + digits] == '\0' && errno == 0;
}

static const struct problem *read_walk(struct ctx *ctx, const struct request *request,
                                       struct audit_walk *walk_out)
{
    struct list_params params = list_params_of(ctx, request);
    const char *place;

    *walk_out = (struct audit_walk) { .done = false };
    place = list_cursor_of(&params, "avf");
    if (place != NULL && !parse_place(place, walk_out))
        list_cursor_fault(&params);
    return list_params_finish(&params);
}

/* A finding is answered with 200 and "ok": false, because the check itself succeeded. */
const struct problem *get_audit_verify(struct ctx *ctx, const struct request *request,
                                       struct answer *answer_out)
{
    struct audit_report *report = arena_alloc(ctx->arena, sizeof(*report));
    struct text data = text_new(ctx->arena), meta = json_out_begin(ctx->arena);
    const int64_t ends_ms = clock_monotonic_ms() + PART_MS;
    const struct audit_question question = { .time_is_up = time_is_up, .clock = &ends_ms };
    struct audit_walk walk;

    TRY(read_walk(ctx, request, &walk));
    TRY(verify_audit_alone(ctx, &question, &walk, report));
    audit_report_json(&data, report);
    json_out_optional(&meta, "nextCursor", cursor_of(ctx->arena, &walk));
    *answer_out = envelope(ctx, 200, text_bytes(&data), json_out_end(&meta).data);
    return OK;
}
