/* The table of all faults and moods that an unkind run plans. */
#include "unkind.h"

#include <stdio.h>
#include <string.h>

#define LATE_DEFAULT_S 150
#define WHY_BYTES      200

/* A name for "but" and "only", a probability, and the fault; NULL: the mood of that name. */
static const struct {
    const char *name;
    double      probability;
    const char *fault;
} mischief[] = {
    { "stale", 0.05, "{\"action\":\"stale\"}" },
    { "lag", 0.03, "{\"action\":\"lag\",\"seconds\":30}" },
    { "shift", 0.05, "{\"action\":\"shift\",\"by\":-1}" },
    { "shift", 0.02, "{\"action\":\"shift\",\"by\":1,\"match\":{\"provider\":\"paystack\"}}" },
    { "no_note", 0.05, "{\"action\":\"no_note\"}" },
    { "no_note", 0.05, "{\"action\":\"no_note\",\"match\":{\"method\":\"EVENT\"}}" },
    { "odd_text", 0.05, "{\"action\":\"odd_text\"}" },
    { "odd_text", 0.05, "{\"action\":\"odd_text\",\"match\":{\"method\":\"EVENT\"}}" },
    { "nulls", 0.05, "{\"action\":\"nulls\"}" },
    { "nulls", 0.05, "{\"action\":\"nulls\",\"match\":{\"method\":\"EVENT\"}}" },
    { "late", 0.02, "{\"action\":\"late\",\"match\":{\"method\":\"POST\"}}" },
    { "late", 0.01, "{\"action\":\"late\",\"status\":504,\"match\":{\"method\":\"POST\"}}" },
    { "lost", 0.02, "{\"action\":\"lose_answer\"}" },
    { "retry_after", 0.01, "{\"action\":\"status\",\"status\":429,"
      "\"headers\":{\"Retry-After\":\"220838400\"}}" },
    { "retry_after", 0.01, "{\"action\":\"status\",\"status\":503,"
      "\"headers\":{\"Retry-After\":\"Wed, 21 Oct 2099 07:28:00 GMT\"}}" },
    { "stored_500", 0.02, "{\"action\":\"status\",\"status\":500,"
      "\"match\":{\"method\":\"POST\"}}" },
    { "done_500", 0.02, "{\"action\":\"status\",\"status\":500,\"after_work\":true,"
      "\"match\":{\"method\":\"POST\"}}" },
    { "missing", 0.01, "{\"action\":\"status\",\"status\":404,\"after_work\":true,"
      "\"match\":{\"method\":\"POST\"}}" },
    { "other_amount", 0.03, NULL },
    { "foreign", 0.05, NULL },
    { "refund_fails", 0.03, NULL },
    { "inquiry", 0.03, NULL },
    { "stuck", 0.02, NULL },
    { "reversed", 0.02, NULL },
};

#define MISCHIEF_COUNT (sizeof mischief / sizeof mischief[0])

/* What the call asks for. */
struct wish {
    json_int_t seed, late_s;
    double     factor;
    json_t    *but, *only;
};

static bool names_it(const json_t *list, const char *name)
{
    const json_t *element;
    size_t        i;

    json_array_foreach(list, i, element)
        if (json_is_string(element) && strcmp(json_string_value(element), name) == 0)
            return true;
    return false;
}

static bool is_known(const char *name)
{
    for (size_t i = 0; i < MISCHIEF_COUNT; i++)
        if (strcmp(mischief[i].name, name) == 0)
            return true;
    return false;
}

static bool check_names(struct control_call *call, const json_t *list)
{
    const json_t *element;
    size_t        i;

    json_array_foreach(list, i, element) {
        if (!json_is_string(element) || !is_known(json_string_value(element))) {
            control_refuse(call, 400, "but and only are arrays of names: see payapi-sandbox(8).");
            return false;
        }
    }
    return true;
}

static bool is_wanted(const struct wish *wish, const char *name)
{
    return !names_it(wish->but, name) && (wish->only == NULL || names_it(wish->only, name));
}

static bool plan_fault(struct faults *faults, const struct wish *wish, size_t row, char *why_out)
{
    json_t *fault = json_loads(mischief[row].fault, 0, NULL);
    double  probability = mischief[row].probability * wish->factor;
    bool    is_planned;

    if (json_object_get(fault, "match") == NULL)
        json_object_set_new(fault, "match", json_object());
    json_object_set_new(json_object_get(fault, "match"), "api", json_true());
    json_object_set_new(fault, "probability", json_real(probability < 1 ? probability : 1));
    json_object_set_new(fault, "seed", json_integer(wish->seed + (json_int_t) row));
    if (strcmp(mischief[row].name, "late") == 0)
        json_object_set_new(fault, "seconds", json_real((double) wish->late_s));
    is_planned = faults_add(faults, fault, why_out, WHY_BYTES);
    json_decref(fault);
    return is_planned;
}

static bool plan_mood(struct faults *faults, const struct wish *wish, size_t row, char *why_out)
{
    double  probability = mischief[row].probability * wish->factor;
    json_t *mood = json_pack("{s:f, s:I}", mischief[row].name,
                             probability < 1 ? probability : 1, "seed", wish->seed);
    bool    is_planned = moods_configure(faults_moods(faults), mood, why_out, WHY_BYTES);

    json_decref(mood);
    return is_planned;
}

static void plan(struct control_call *call, const struct wish *wish)
{
    struct faults *faults = call->world->faults;
    json_t        *planned = json_array();
    char           why[WHY_BYTES];

    for (size_t i = 0; i < MISCHIEF_COUNT; i++) {
        if (!is_wanted(wish, mischief[i].name))
            continue;
        if (mischief[i].fault != NULL ? !plan_fault(faults, wish, i, why)
                                      : !plan_mood(faults, wish, i, why)) {
            json_decref(planned);
            control_refuse(call, 400, why);
            return;
        }
        if (!names_it(planned, mischief[i].name))
            json_array_append_new(planned, json_string(mischief[i].name));
    }
    control_answer(call, json_pack("{s:o}", "planned", planned));
}

void unkind_plan(struct control_call *call)
{
    struct wish wish = { .seed = 1, .late_s = LATE_DEFAULT_S, .factor = 1 };

    if (!control_unpack(call, "{s?I, s?F, s?I, s?o, s?o !}", "seed", &wish.seed,
                        "factor", &wish.factor, "late_s", &wish.late_s, "but", &wish.but,
                        "only", &wish.only))
        return;
    if (wish.factor < 0 || wish.late_s < 0 || wish.seed < 0)
        control_refuse(call, 400, "seed, factor and late_s must be positive.");
    else if (check_names(call, wish.but) && check_names(call, wish.only))
        plan(call, &wish);
}
