/* Health, clock, faults, moods, requests and reset, as control operations. */
#include "world_control.h"

#include <string.h>

#include "sandbox/http/params.h"
#include "sandbox/http/url_form.h"
#include "sandbox/play.h"

#define REQUESTS_LIMIT_DEFAULT 100
#define WHY_BYTES              200

void world_control_get_health(struct control_call *call)
{
    control_answer(call, json_pack("{s:s, s:I}", "status", "ok", "now",
                                   (json_int_t) sandbox_clock_now_s(call->world->clock)));
}

void world_control_get_faults(struct control_call *call)
{
    control_answer(call, json_pack("{s:o}", "faults", faults_list(call->world->faults)));
}

void world_control_add_fault(struct control_call *call)
{
    char why[WHY_BYTES];

    if (!faults_add(call->world->faults, call->body, why, sizeof why))
        control_refuse(call, 400, why);
    else
        world_control_get_faults(call);
}

void world_control_get_moods(struct control_call *call)
{
    control_answer(call, json_pack("{s:o}", "moods",
                                   moods_describe(faults_moods(call->world->faults))));
}

void world_control_set_moods(struct control_call *call)
{
    char why[WHY_BYTES];

    if (!moods_configure(faults_moods(call->world->faults), call->body, why, sizeof why))
        control_refuse(call, 400, why);
    else
        world_control_get_moods(call);
}

/* Requests that hang because of a fault go on at once. */
void world_control_clear_faults(struct control_call *call)
{
    faults_clear(call->world->faults);
    sandbox_clock_wake_sleepers(call->world->clock);
    world_control_get_faults(call);
}

void world_control_advance_clock(struct control_call *call)
{
    json_int_t advance_s;

    if (!control_unpack(call, "{s:I !}", "advance_s", &advance_s))
        return;
    sandbox_clock_advance(call->world->clock, advance_s);
    play_what_is_due(call->world);
    world_control_get_health(call);
}

void world_control_get_requests(struct control_call *call)
{
    struct url_form form = { 0 };
    const char *why, *limit;
    int64_t     count = REQUESTS_LIMIT_DEFAULT;

    if (!url_form_parse(call->exchange->request.query, strlen(call->exchange->request.query), &form,
                        &why)) {
        control_refuse(call, 400, why);
        return;
    }
    limit = url_form_find(&form, "limit");
    if (limit != NULL && (!params_read_integer(limit, &count) || count < 0))
        control_refuse(call, 400, "limit is a number.");
    else
        control_answer(call, json_pack("{s:o}", "requests",
                                       request_log_list(call->world->log, (size_t) count)));
    url_form_free(&form);
}

void world_control_reset(struct control_call *call)
{
    world_control_clear_faults(call);
    late_clear(call->world->late);
    webhooks_reset(call->world->stripe_webhooks);
    webhooks_reset(call->world->paystack_webhooks);
    stripe_reset(call->world->stripe);
    paystack_reset(call->world->paystack);
    sandbox_clock_reset(call->world->clock);
    request_log_clear(call->world->log);
    control_answer(call, json_pack("{s:b}", "ok", 1));
}
